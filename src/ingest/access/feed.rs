//! The files of a run as blocks for the parsers, those that the lake holds
//! already told from the others.

use super::parse::Parsed;
use super::{AccessSource, Placed};
use crate::ingest::{Input, Keys, unreadable};
use crate::lake::{Writer, hex};
use crate::source::{self, Block, Blocks};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

/// What happens to the files, in their order.
pub(super) enum Step {
    /// A file begins; what it is known by before it is read.
    Start(String),
    /// The lake holds this file as the input of this digest.
    Known(String),
    /// Rows of the file.
    Rows(Parsed),
    /// The file is over; why it could not be read to its end.
    End(Option<io::Error>),
    /// A file cannot be read at all.
    Refused(String),
}

/// The content of a log as its lines are read: what it is known by in the lake,
/// whatever its name and its compression.
#[derive(Default)]
pub(super) struct Content(Sha256);

impl Content {
    /// The keyed hashes of lines, in order.
    pub fn add(&mut self, hashes: &[u64]) {
        for hash in hashes {
            self.0.update(hash.to_le_bytes());
        }
    }

    /// The last line has no end: the same text with one is another content.
    pub fn is_unfinished(&mut self) {
        self.0.update(b"unfinished");
    }

    /// The input of this content.
    pub fn input(self, source: &AccessSource) -> Input {
        Input::of_content("access", &source.front_end, &hex(&self.0.finalize()))
            .read_as(&format!("{:?}", source.format))
    }
}

pub(super) struct Feed<'a> {
    keys: &'a Keys,
    source: &'a AccessSource,
    paths: &'a [PathBuf],
    /// Inputs of the lake by what their files were known by.
    known: HashMap<String, String>,
    place: u64,
}

/// The others have stopped: nobody waits for what was to be sent.
struct Stopped;

impl<'a> Feed<'a> {
    pub fn new(
        writer: &Writer<'_>,
        keys: &'a Keys,
        source: &'a AccessSource,
        paths: &'a [PathBuf],
    ) -> Result<Self, String> {
        Ok(Self {
            keys,
            source,
            paths,
            known: writer.delivered()?,
            place: 0,
        })
    }

    /// Sends everything; ends early where nobody listens.
    pub fn run(
        mut self,
        to_parse: &SyncSender<Placed<Block>>,
        to_store: &SyncSender<Placed<Step>>,
    ) {
        for path in self.paths {
            if self.file(path, to_parse, to_store).is_err() {
                return;
            }
        }
    }

    fn file(
        &mut self,
        path: &Path,
        to_parse: &SyncSender<Placed<Block>>,
        to_store: &SyncSender<Placed<Step>>,
    ) -> Result<(), Stopped> {
        let tell = |place: &mut u64, step| {
            *place += 1;
            to_store.send((*place - 1, step)).map_err(|_| Stopped)
        };
        let mut blocks = match self.open(path) {
            Ok(Opened::New(delivered, blocks)) => {
                tell(&mut self.place, Step::Start(delivered))?;
                blocks
            }
            Ok(Opened::Known(digest)) => return tell(&mut self.place, Step::Known(digest)),
            Err(error) => {
                tell(&mut self.place, Step::Refused(unreadable(path, &error)))?;
                return Err(Stopped);
            }
        };
        let fault = loop {
            match blocks.next_block() {
                Ok(Some(block)) => to_parse.send((self.place, block)).map_err(|_| Stopped)?,
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
            self.place += 1;
        };
        tell(&mut self.place, Step::End(fault))
    }

    fn open(&self, path: &Path) -> io::Result<Opened> {
        let fingerprint = source::fingerprint(path)?;
        let delivered = self.delivered(&fingerprint);
        if let Some(digest) = self.known.get(&delivered) {
            if fingerprint.is_proof || self.digest(path)? == *digest {
                return Ok(Opened::Known(digest.clone()));
            }
        }
        Ok(Opened::New(delivered, Blocks::open(path)?))
    }

    fn delivered(&self, fingerprint: &source::Fingerprint) -> String {
        let mut hash = Sha256::new();
        hash.update(format!(
            "{}\n{:?}\n",
            self.source.front_end, self.source.format
        ));
        hash.update(fingerprint.digest);
        hex(&hash.finalize())
    }

    /// The digest that the input would have, without reading what lines mean.
    fn digest(&self, path: &Path) -> io::Result<String> {
        let mut content = Content::default();
        let mut blocks = Blocks::open(path)?;
        while let Some(block) = blocks.next_block()? {
            let mut unfinished = false;
            for line in block.lines() {
                content.add(&[self.keys.lines.hash(line.bytes)]);
                unfinished = !line.ended;
            }
            if unfinished {
                content.is_unfinished();
            }
        }
        Ok(content.input(self.source).digest)
    }
}

enum Opened {
    New(String, Blocks),
    Known(String),
}
