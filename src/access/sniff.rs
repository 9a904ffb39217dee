//! Which format a file is written in, told by its first lines.

use super::format::{Declared, FormatError, LogFormat};
use super::line::Reader;
use super::named;
use super::w3c::W3cFormat;

/// How many lines of a file are looked at.
pub const SAMPLE: usize = 100;

/// The name of the format that the `#Fields:` line of each file is.
pub const W3C: &str = "w3c";

/// A format found by its lines.
pub struct Choice {
    /// The format, compiled as declared.
    pub format: LogFormat,
    /// The name.
    pub name: &'static str,
    /// How many lines of the sample it reads.
    pub read: usize,
    /// How many there are, comments and blank lines left out.
    pub of: usize,
    /// The format that reads most after it, and how many.
    pub next: Option<(&'static str, usize)>,
}

/// The format that reads most lines of a sample; of two that read as many, the
/// one that uses more values of a line. The error says what to do where none
/// reads more than half, or where the date needs a zone.
pub fn choose(sample: &[Vec<u8>], declared: Declared<'_>) -> Result<Choice, String> {
    let of = sample.iter().filter(|line| !is_comment(line)).count();
    let mut tried: Vec<Tried> = named::names()
        .into_iter()
        .filter_map(|name| Tried::of(name, sample, declared))
        .collect();
    tried.sort_by_key(|tried| std::cmp::Reverse((tried.read, tried.used)));
    let mut tried = tried.into_iter();
    let best = tried.next().filter(|best| best.read * 2 > of);
    let best = best.ok_or_else(|| {
        let names = named::names().join("`, `");
        format!("no known format reads more than half of its first {of} lines\nhint: paste the format of the server with `--log-format`; the known ones are `{names}`")
    })?;
    let format = best.format.map_err(|error| {
        format!(
            "written as `{}`, which reads {} of its first {of} lines, but {}",
            best.name, best.read, error.message
        )
    })?;
    let next = tried.next().filter(|next| next.read > 0);
    Ok(Choice {
        format,
        name: best.name,
        read: best.read,
        of,
        next: next.map(|next| (next.name, next.read)),
    })
}

/// The format that the first `#Fields:` line of a sample is. The unit of
/// `time-taken` is added where the file says who wrote it.
pub fn w3c_fields(sample: &[Vec<u8>]) -> Option<String> {
    let texts = sample.iter().map(|line| String::from_utf8_lossy(line));
    let fields = texts
        .clone()
        .find(|line| line.starts_with(W3cFormat::MARK))?;
    let is_by = |maker: &str| {
        let mut lines = texts.clone();
        lines.any(|line| line.starts_with("#Software:") && line.contains(maker))
    };
    let unit = if is_by("Microsoft") {
        ":ms"
    } else if fields.contains("x-edge-location") {
        // CloudFront, which does not name itself.
        ":s"
    } else {
        ""
    };
    let named = fields.split_whitespace().map(|name| match name {
        "time-taken" => format!("{name}{unit}"),
        _ => name.to_owned(),
    });
    Some(named.collect::<Vec<_>>().join(" "))
}

/// One format and what it makes of a sample.
struct Tried {
    name: &'static str,
    /// As declared: a zone may be missing.
    format: Result<LogFormat, FormatError>,
    read: usize,
    used: usize,
}

impl Tried {
    fn of(name: &'static str, sample: &[Vec<u8>], declared: Declared<'_>) -> Option<Self> {
        let fields = (name == W3C).then(|| w3c_fields(sample));
        let text = match &fields {
            Some(fields) => fields.as_deref()?,
            None => name,
        };
        // Whether lines fit does not depend on the zone.
        let zone = declared.zone.or(Some(chrono_tz::UTC));
        let zoned = LogFormat::compile_declared(text, Declared { zone, ..declared }).ok()?;
        let mut reader = Reader::new(&zoned);
        // Comments too are shown to the reader: they may name other columns.
        let is_read = |line: &&Vec<u8>| reader.read(line).is_ok() && !is_comment(line);
        Some(Self {
            name,
            format: LogFormat::compile_declared(text, declared),
            read: sample.iter().filter(is_read).count(),
            used: zoned.used(),
        })
    }
}

fn is_comment(line: &[u8]) -> bool {
    line.starts_with(b"#") || line.trim_ascii().is_empty()
}
