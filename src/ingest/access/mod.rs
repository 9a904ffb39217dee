//! Access logs: one row a request. One thread reads the files, one for each
//! processor reads their lines, and the caller's stores the rows in the order
//! of the files, so the lake does not depend on the number of threads.

mod feed;
mod parse;
mod redo;
mod sink;

use super::{Context, Keys, Report, unreadable};
use crate::access::LogFormat;
use crate::lake::Table;
use crate::source::Block;
use chrono::NaiveDate;
use feed::{Content, Feed, Step, Wanted};
use parse::{Parsed, Parser};
use redo::Redo;
use sink::Sink;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Where a log comes from and how it is written.
pub struct AccessSource {
    /// The front-end: equal lines of two machines are two requests.
    pub front_end: String,
    /// The compiled format.
    pub format: LogFormat,
}

const DATELESS: &str = "the lines of this log format bear no date: it is in the prefix that the logging framework puts before them\nhint: paste that prefix in front of the name, as `--log-format '%{%Y-%m-%d %H:%M:%S}t entcore' --zone Europe/Paris`";

/// Blocks that wait for a thread, and results that wait to be stored.
const WAITING: usize = 4;

/// Memory that is used again rather than given back and asked for anew.
struct Spare<T>(Mutex<Vec<T>>);

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Default> Spare<T> {
    fn take(&self) -> T {
        let spare = self.0.lock().ok().and_then(|mut spare| spare.pop());
        spare.unwrap_or_default()
    }

    fn put(&self, used: T) {
        if let Ok(mut spare) = self.0.lock() {
            spare.push(used);
        }
    }
}

/// A block or a result with its place in the order of the files.
type Placed<T> = (u64, T);

/// Ingests log files of one source, in their order. An input that the lake
/// holds is recognised and read no further than that takes. What became of the
/// files before an error is added to `report` too.
pub fn access(
    context: &mut Context<'_>,
    paths: &[PathBuf],
    source: &AccessSource,
    report: &mut Report,
) -> Result<(), String> {
    if !source.format.has_time() {
        return Err(DATELESS.into());
    }
    let context: &Context<'_> = context;
    let spare = Spare::default();
    let mut sink = Sink::new(&context.writer, &context.rules, source, paths, &spare);
    let feed = Feed::new(&context.writer, &context.keys, source, paths, Wanted::New)?;
    let driven = drive(context, source, feed, &spare, |step| {
        context.go_on()?;
        sink.take(step)
    });
    report.extend(sink.report());
    driven
}

/// Makes the requests of a day anew from the inputs that gave them, by the
/// rules of today: all of it or nothing. Returns the rows made.
pub fn redo_day(
    context: &mut Context<'_>,
    sources: &[(AccessSource, Vec<PathBuf>)],
    day: NaiveDate,
) -> Result<u64, String> {
    context.writer.refuse_whole_days(Table::Requests, day)?;
    let mut made = Vec::new();
    for (source, paths) in sources {
        let mut redo = Redo::new(&context.writer, &context.rules, source, day);
        let feed = Feed::new(&context.writer, &context.keys, source, paths, Wanted::Known)?;
        drive(context, source, feed, &Spare::default(), |step| {
            redo.take(step)
        })?;
        made.extend(redo.made());
    }
    redo::replace(&context.writer, day, made)
}

/// The digest of the lines of a log, by which the ledger knows its content.
pub(super) fn content(path: &Path, keys: &Keys) -> Result<String, String> {
    let content = Content::of_file(path, &keys.lines);
    let content = content.map_err(|error| unreadable(path, &error))?;
    Ok(content.digest())
}

fn drive(
    context: &Context<'_>,
    source: &AccessSource,
    feed: Feed<'_>,
    spare: &Spare<Parsed>,
    take: impl FnMut(Step) -> Result<(), String>,
) -> Result<(), String> {
    let (keys, rules) = (&context.keys, &context.rules);
    let (to_parse, blocks) = sync_channel(WAITING);
    let (to_store, results) = sync_channel(WAITING);
    let blocks = Mutex::new(Some(blocks));
    let spare_bytes = Spare::default();
    thread::scope(|scope| {
        let to_store_steps = to_store.clone();
        scope.spawn(|| feed.run(to_parse, to_store_steps, &spare_bytes));
        for _ in 0..threads(source) {
            let (blocks, to_store, spare_bytes) = (&blocks, to_store.clone(), &spare_bytes);
            let mut parser = Parser::new(source, rules, keys);
            scope.spawn(move || {
                work(blocks, &to_store, |block| {
                    let parsed = parser.block(&block, spare.take());
                    spare_bytes.put(block.into_bytes());
                    parsed
                });
            });
        }
        drop(to_store);
        in_order(results, take)
    })
}

/// What a line of a stateful format means depends on the lines before it.
fn threads(source: &AccessSource) -> usize {
    match source.format.is_stateful() {
        true => 1,
        false => thread::available_parallelism().map_or(1, usize::from),
    }
}

/// Where parsers take blocks from; none when nobody wants their rows any more.
type Blocks = Mutex<Option<Receiver<Placed<Block>>>>;

/// Reads the lines of blocks until there are none, or nobody wants the rows.
fn work(
    blocks: &Blocks,
    to_store: &SyncSender<Placed<Step>>,
    mut parse: impl FnMut(Block) -> Parsed,
) {
    while let Some((place, block)) = next(blocks) {
        let parsed = parse(block);
        if to_store.send((place, Step::Rows(parsed))).is_err() {
            // Tells the one who reads the files, which waits for room.
            if let Ok(mut receiver) = blocks.lock() {
                receiver.take();
            }
        }
    }
}

fn next(blocks: &Blocks) -> Option<Placed<Block>> {
    blocks.lock().ok()?.as_ref()?.recv().ok()
}

/// Hands results on in the order of their places.
fn in_order(
    results: Receiver<Placed<Step>>,
    mut take: impl FnMut(Step) -> Result<(), String>,
) -> Result<(), String> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (place, step) in results {
        early.insert(place, step);
        while let Some(step) = early.remove(&next) {
            take(step)?;
            next += 1;
        }
    }
    Ok(())
}
