//! The files of a run as blocks for the parsers, those that the lake holds
//! already told from the others.

use super::parse::Parsed;
use super::{AccessSource, Placed, Spare};
use crate::ingest::{Input, Keys, unreadable};
use crate::lake::{Writer, hex};
use crate::privacy::pseudonym::LineKey;
use crate::source::{self, Block, Blocks};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

/// What happens to the files, in their order.
pub(super) enum Step {
    /// A file begins; what is known of it.
    Start(String),
    /// The lake holds this file as the input of this digest.
    Known(String),
    /// The lake does not hold this file.
    Unknown,
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

    /// The content of a file, without reading what its lines mean.
    pub fn of_file(path: &Path, key: &LineKey) -> io::Result<Self> {
        let mut content = Self::default();
        let mut blocks = Blocks::open(path)?;
        while let Some(block) = blocks.next_block()? {
            let mut unfinished = false;
            for line in block.lines() {
                content.add(&[key.hash(line.bytes)]);
                unfinished = !line.ended;
            }
            if unfinished {
                content.is_unfinished();
            }
        }
        Ok(content)
    }

    /// Its digest.
    pub fn digest(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The input of a content.
pub(super) fn input(source: &AccessSource, content: &str) -> Input {
    Input::of_content("access", &source.front_end, content).read_as(&format!("{:?}", source.format))
}

/// Which files are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Those that the lake does not hold.
    New,
    /// Those that it holds.
    Known,
}

pub(super) struct Feed<'a> {
    keys: &'a Keys,
    source: &'a AccessSource,
    paths: &'a [PathBuf],
    /// Inputs of the lake by what their files were known by.
    known: HashMap<String, String>,
    wanted: Wanted,
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
        wanted: Wanted,
    ) -> Result<Self, String> {
        Ok(Self {
            keys,
            source,
            paths,
            known: writer.delivered()?,
            wanted,
            place: 0,
        })
    }

    /// Sends everything; ends early where nobody listens.
    pub fn run(
        mut self,
        to_parse: SyncSender<Placed<Block>>,
        to_store: SyncSender<Placed<Step>>,
        spare: &Spare<Vec<u8>>,
    ) {
        for path in self.paths {
            if self.file(path, &to_parse, &to_store, spare).is_err() {
                return;
            }
        }
    }

    fn file(
        &mut self,
        path: &Path,
        to_parse: &SyncSender<Placed<Block>>,
        to_store: &SyncSender<Placed<Step>>,
        spare: &Spare<Vec<u8>>,
    ) -> Result<(), Stopped> {
        let tell = |place: &mut u64, step| {
            *place += 1;
            to_store.send((*place - 1, step)).map_err(|_| Stopped)
        };
        let opened = self.open(path).and_then(|s| Ok((s, Blocks::open(path)?)));
        let (step, mut blocks) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                tell(&mut self.place, Step::Refused(unreadable(path, &error)))?;
                return Err(Stopped);
            }
        };
        let is_read = matches!(step, Step::Start(_));
        tell(&mut self.place, step)?;
        if !is_read {
            return Ok(());
        }
        let fault = loop {
            match blocks.next_block_in(spare.take()) {
                Ok(Some(block)) => to_parse.send((self.place, block)).map_err(|_| Stopped)?,
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
            self.place += 1;
        };
        tell(&mut self.place, Step::End(fault))
    }

    /// Begins a file that is to be read: of a new one it tells what it is known
    /// by before it is read, of one that the lake holds its digest.
    fn open(&self, path: &Path) -> io::Result<Step> {
        let fingerprint = source::fingerprint(path)?;
        let delivered = self.delivered(&fingerprint);
        let mut known = self.known.get(&delivered).cloned();
        if let Some(digest) = known.take_if(|_| !fingerprint.is_proof) {
            let content = Content::of_file(path, &self.keys.lines)?.digest();
            known = (input(self.source, &content).digest == digest).then_some(digest);
        }
        Ok(match (self.wanted, known) {
            (Wanted::New, None) => Step::Start(delivered),
            (Wanted::Known, Some(digest)) => Step::Start(digest),
            (Wanted::New, Some(digest)) => Step::Known(digest),
            (Wanted::Known, None) => Step::Unknown,
        })
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
}
