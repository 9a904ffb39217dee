//! Access logs: a format as the administrator wrote it, compiled to a reader.
//!
//! [`mod@format`] compiles nginx `log_format` and Apache `LogFormat`;
//! [`mod@line`] reads one line with it; `time` reads instants; [`classify`]
//! says what a request means for usage. Not here: files and the lake.

pub mod classify;
pub mod format;
pub mod line;
mod time;

pub use classify::{Classifier, RequestClass};
pub use format::{FormatError, LogFormat};
pub use line::{AccessLine, LineError, RequestKind};
