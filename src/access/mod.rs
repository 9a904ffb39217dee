//! Access logs: a format as the administrator wrote it, compiled to a reader.
//!
//! [`mod@format`] is a format of one or several grammars: `text` compiles nginx
//! `log_format` and Apache `LogFormat`, taken out of their directive by
//! `directive`; `json` maps the keys of JSON lines; `w3c` reads the columns that
//! a `#Fields:` line names; `named` holds the formats known by a name. [`sniff`]
//! finds the format of a file. [`mod@line`] reads one line, after `transport` and
//! by `fit`; `glued` cuts records that hold several; `time` reads instants;
//! [`proxies`] tells the client behind the peer; [`classify`] says what a request
//! means for usage. Not here: files and the lake.

pub mod classify;
mod directive;
pub mod field;
mod fit;
pub mod format;
mod glued;
mod json;
pub mod line;
mod named;
pub mod proxies;
pub mod sniff;
mod text;
mod time;
mod transport;
mod value;
mod w3c;

pub use classify::{Classifier, RequestClass, RuleId, Rules};
pub use field::TimeIs;
pub use format::{Declared, FormatError, LogFormat};
pub use line::{AccessLine, LineError, Reader, RequestKind};
pub use named::names;
