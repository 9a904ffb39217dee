//! Access logs: a format as the administrator wrote it, compiled to a reader.
//!
//! [`mod@format`] compiles nginx `log_format` and Apache `LogFormat`; [`mod@line`]
//! reads one line with it; `time` reads instants. Not here: what a request
//! means for usage (page, robot, polling), which is classification.

pub mod format;
pub mod line;
mod time;

pub use format::{FormatError, LogFormat};
pub use line::{AccessLine, LineError, RequestKind};
