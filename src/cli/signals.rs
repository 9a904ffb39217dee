//! What a process does that is asked to end (SIGTERM, Ctrl-C): reading stops
//! between two steps and what was committed is told; asked again, and while
//! nothing is read, it ends at once. Nothing is half done either way.

use crate::access::Rules;
use crate::ingest::Context;
use crate::lake::Lake;
use crate::privacy::pseudonym::MasterKey;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

static FLAGS: LazyLock<Flags> = LazyLock::new(Flags::default);

#[derive(Default)]
struct Flags {
    /// Nothing is read: the system's default, to end at once.
    idle: Arc<AtomicBool>,
    /// Asked to end.
    stop: Arc<AtomicBool>,
}

/// Takes the signals over for the time of an ingestion, and the right to write.
pub(super) fn context(lake: &Lake, key: MasterKey, rules: Rules) -> Result<Context<'_>, String> {
    listen().map_err(|error| format!("signals cannot be listened to: {error}"))?;
    let mut context = Context::new(lake, key, rules)?;
    context.stop_when(Arc::clone(&FLAGS.stop));
    if let Some(process) = context.interrupted() {
        eprintln!(
            "note: process {process} was interrupted while it wrote to the lake; what it had not committed is cleared"
        );
    }
    Ok(context)
}

/// The ingestion is over.
pub(super) fn done() {
    FLAGS.idle.store(true, Ordering::Relaxed);
}

/// Whether the process was asked to end.
pub(super) fn is_asked_to_end() -> bool {
    FLAGS.stop.load(Ordering::Relaxed)
}

fn listen() -> io::Result<()> {
    FLAGS.idle.store(false, Ordering::Relaxed);
    for signal in [SIGTERM, SIGINT] {
        flag::register_conditional_default(signal, Arc::clone(&FLAGS.idle))?;
        // Before the next, which makes it true: the second time, not the first.
        flag::register_conditional_shutdown(signal, 1, Arc::clone(&FLAGS.stop))?;
        flag::register(signal, Arc::clone(&FLAGS.stop))?;
    }
    Ok(())
}
