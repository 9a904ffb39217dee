//! Access logs: a format as the administrator wrote it, compiled to a reader.
//!
//! [`mod@format`] compiles nginx `log_format` and Apache `LogFormat`, taken out
//! of their directive by `directive`; [`mod@line`] reads one line with it, after
//! `transport` and by `fit`; `time` reads instants; [`proxies`] tells the client
//! behind the peer; [`classify`] says what a request means for usage. Not here:
//! files and the lake.

pub mod classify;
mod directive;
mod fit;
pub mod format;
pub mod line;
pub mod proxies;
mod time;
mod transport;
mod value;

pub use classify::{Classifier, RequestClass, RuleId, Rules};
pub use format::{Declared, FormatError, LogFormat};
pub use line::{AccessLine, LineError, Reader, RequestKind};
