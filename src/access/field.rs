//! What a value of a line is: the vocabulary that all grammars share.

use super::time::Layout;
use chrono_tz::Tz;

/// What a field of the format holds. Units are said by the format, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The peer: `$remote_addr`, `%h`, `%a`.
    Client,
    /// `X-Forwarded-For`: a list.
    ForwardedFor,
    /// `$remote_user`, `%u`, or a variable declared as the account.
    User,
    /// `12/Apr/2018:09:48:40 +0200`.
    TimeLocal,
    /// RFC 3339.
    TimeIso,
    /// Seconds since 1970 with decimals.
    TimeEpoch,
    /// Milliseconds since 1970.
    TimeEpochMillis,
    /// A part of a date written as the format's layout of this number says.
    Stamp(usize),
    /// Method, URI and protocol.
    Request,
    /// The method alone.
    Method,
    /// Path and query.
    Uri,
    /// The path alone.
    Path,
    /// The query alone.
    Query,
    /// `HTTP/1.1`.
    Protocol,
    /// Three digits.
    Status,
    /// Bytes of the answer.
    Bytes,
    /// Duration in seconds.
    Seconds,
    /// Duration in milliseconds.
    Milliseconds,
    /// Duration in microseconds.
    Microseconds,
    /// Duration in nanoseconds.
    Nanoseconds,
    /// Upstream response times in seconds: a list.
    Upstream,
    /// The referring page.
    Referer,
    /// The user agent.
    UserAgent,
    /// Read over and dropped.
    Ignored(Dropped),
}

/// The shape of a value that is read over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// Anything but a quote.
    Text,
    /// Elements separated by `, ` and ` : `.
    List,
    /// No blank inside.
    Word,
    /// Digits: a port.
    Digits,
}

impl Field {
    /// Whether the value may hold `, ` between its elements.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::ForwardedFor | Self::Upstream | Self::Ignored(Dropped::List)
        )
    }

    /// Whether it tells when.
    pub fn is_time(self) -> bool {
        matches!(
            self,
            Self::TimeLocal
                | Self::TimeIso
                | Self::TimeEpoch
                | Self::TimeEpochMillis
                | Self::Stamp(_)
        )
    }
}

/// The instant that a date of a log tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeIs {
    /// The request came in: `%t` of Apache, HAProxy, Traefik, entcore.
    #[default]
    Arrival,
    /// The line was written, once the answer was sent: the variables of nginx,
    /// Squid, Caddy, the W3C extended format. Arrival is this less the duration.
    End,
}

/// How dates and absent values are written, whatever the grammar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conventions {
    /// How the parts of a composite date are written.
    pub stamps: Vec<Layout>,
    /// The zone of dates written without offset.
    pub zone: Option<Tz>,
    /// Words that stand for no value, besides `-` and nothing.
    pub absent: Vec<Vec<u8>>,
    /// Whether the format holds a date: then a line without one is refused.
    pub has_time: bool,
    /// What the date tells.
    pub time_is: TimeIs,
}

impl Conventions {
    /// Whether a raw value is a value.
    pub fn is_present(&self, raw: &[u8]) -> bool {
        !raw.is_empty() && raw != b"-" && !self.absent.iter().any(|word| word == raw)
    }

    /// Whether parts of dates tell no offset and no zone is declared.
    pub fn lacks_zone(&self) -> bool {
        let tells_offset = self.stamps.iter().any(Layout::tells_offset);
        !self.stamps.is_empty() && !tells_offset && self.zone.is_none()
    }
}
