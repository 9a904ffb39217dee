//! Lines that are JSON objects, by a map from our fields to their keys. What
//! the map does not name is never looked at: such lines hold session ids and
//! tokens.

use super::field::{Conventions, Field, TimeIs};
use super::format::FormatError;
use super::line::LineError;
use super::text::Manner;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A map from fields to keys, written `json:` and `key=path` pairs.
///
/// Keys: `time` (of arrival) or `end` (of the request), `client`, `forwarded`,
/// `user`, `request` or `method`, `uri` or `path` and `query`, `protocol`,
/// `status`, `bytes`, `duration`, `upstream`, `referer`, `user_agent`.
///
/// A path names nested keys with dots, `request.headers.User-Agent`; of an array
/// the first element is read. A date is RFC 3339 unless `:epoch` (seconds),
/// `:epoch_ms` or `:common` (`12/Apr/2018:09:48:40 +0200`) follows its path; a
/// duration says its unit, `:s`, `:ms`, `:us` or `:ns`.
///
/// Numbers may be written as strings. Empty strings, `-` and `null` are absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JsonFormat {
    root: Node,
    /// In the order in which they are read.
    fields: Vec<Field>,
    conventions: Conventions,
}

/// Fields and what a line says of them.
type Values<'a> = Vec<(Field, Cow<'a, [u8]>)>;

/// The keys that are looked at, as a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    key: String,
    /// The number of the field that the value is.
    field: Option<usize>,
    inside: Vec<Node>,
}

const KEYS: [&str; 17] = [
    "time",
    "end",
    "client",
    "forwarded",
    "user",
    "request",
    "method",
    "uri",
    "path",
    "query",
    "protocol",
    "status",
    "bytes",
    "duration",
    "upstream",
    "referer",
    "user_agent",
];

impl JsonFormat {
    /// What a format of this grammar begins with.
    pub const MARK: &'static str = "json:";

    pub fn compile(text: &str, manner: Manner<'_>) -> Result<Self, FormatError> {
        let mut format = Self {
            root: Node::default(),
            fields: Vec::new(),
            conventions: Conventions {
                absent: manner.absent.to_vec(),
                ..Conventions::default()
            },
        };
        let pairs = text.trim_start().trim_start_matches(Self::MARK);
        for pair in pairs.split_whitespace() {
            // A pair is a part of the text: where it begins tells how far it is.
            let before = pair.as_ptr() as usize - text.as_ptr() as usize;
            let column = text[..before].chars().count() + 1;
            let added = format.add(pair);
            added.map_err(|message| FormatError { column, message })?;
        }
        match format.conventions.has_time {
            true => Ok(format),
            false => Err(FormatError::whole(
                "no date in the format\nhint: add `time=KEY` for the time of arrival, or `end=KEY` for that of the end of the request",
            )),
        }
    }

    fn add(&mut self, pair: &str) -> Result<(), String> {
        let (key, path) = pair.split_once('=').ok_or_else(|| {
            format!("`{pair}` is no pair\nhint: write `key=path`, as `status=response.status`")
        })?;
        let (path, suffix) = match key {
            "time" | "end" | "duration" => path.rsplit_once(':').unwrap_or((path, "")),
            _ => (path, ""),
        };
        let field = field(key, suffix)?;
        if path.split('.').any(str::is_empty) {
            return Err(format!(
                "`{pair}` names no key\nhint: write `{key}=name`, or `{key}=outer.inner`"
            ));
        }
        if field.is_time() {
            self.conventions.has_time = true;
            self.conventions.time_is = match key {
                "end" => TimeIs::End,
                _ => TimeIs::Arrival,
            };
        }
        self.root.at(path).field = Some(self.fields.len());
        self.fields.push(field);
        Ok(())
    }

    pub fn conventions(&self) -> &Conventions {
        &self.conventions
    }

    pub fn used(&self) -> usize {
        self.fields.len()
    }

    /// The values of a line, in the order of the map. A line that is not UTF-8
    /// is read as such a server meant it: what is no text becomes a mark.
    pub fn values<'a>(&self, line: &'a [u8]) -> Result<Values<'a>, LineError> {
        match self.parse(line) {
            Err(LineError::Json) if std::str::from_utf8(line).is_err() => {
                let text = String::from_utf8_lossy(line).into_owned();
                let values = self.parse(text.as_bytes())?.into_iter();
                let owned = values.map(|(field, value)| (field, value.into_owned().into()));
                Ok(owned.collect())
            }
            read => read,
        }
    }

    fn parse<'a>(&self, line: &'a [u8]) -> Result<Values<'a>, LineError> {
        if line.trim_ascii_start().first() != Some(&b'{') {
            return Err(LineError::Json);
        }
        let mut found = vec![None; self.fields.len()];
        let mut input = serde_json::Deserializer::from_slice(line);
        let seed = Seed {
            node: &self.root,
            found: &mut found,
        };
        let read = seed.deserialize(&mut input).and_then(|()| input.end());
        read.map_err(|error| match error.is_eof() {
            true => LineError::Truncated,
            false => LineError::Json,
        })?;
        let values = self.fields.iter().zip(found);
        Ok(values
            .filter_map(|(field, value)| Some((*field, value?)))
            .collect())
    }
}

fn field(key: &str, suffix: &str) -> Result<Field, String> {
    Ok(match (key, suffix) {
        ("time" | "end", "") => Field::TimeIso,
        ("time" | "end", "epoch") => Field::TimeEpoch,
        ("time" | "end", "epoch_ms") => Field::TimeEpochMillis,
        ("time" | "end", "common") => Field::TimeLocal,
        ("time" | "end", other) => {
            return Err(format!(
                "`:{other}` is no form of a date\nhint: `:epoch`, `:epoch_ms`, `:common`, or nothing for RFC 3339"
            ));
        }
        ("duration", "s") => Field::Seconds,
        ("duration", "ms") => Field::Milliseconds,
        ("duration", "us") => Field::Microseconds,
        ("duration", "ns") => Field::Nanoseconds,
        ("duration", _) => {
            return Err("a duration without unit\nhint: say it after the path, `duration=took:ms` (`s`, `ms`, `us`, `ns`)".into());
        }
        ("client", _) => Field::Client,
        ("forwarded", _) => Field::ForwardedFor,
        ("user", _) => Field::User,
        ("request", _) => Field::Request,
        ("method", _) => Field::Method,
        ("uri", _) => Field::Uri,
        ("path", _) => Field::Path,
        ("query", _) => Field::Query,
        ("protocol", _) => Field::Protocol,
        ("status", _) => Field::Status,
        ("bytes", _) => Field::Bytes,
        ("upstream", _) => Field::Upstream,
        ("referer", _) => Field::Referer,
        ("user_agent", _) => Field::UserAgent,
        (other, _) => return Err(unknown(other)),
    })
}

fn unknown(key: &str) -> String {
    let near = KEYS
        .iter()
        .min_by_key(|known| strsim::damerau_levenshtein(known, key));
    let near = near.copied().unwrap_or_default();
    format!(
        "unknown key `{key}`\nhint: did you mean `{near}`? The keys are {}",
        KEYS.join(", ")
    )
}

impl Node {
    /// The node of a path, made where there is none.
    fn at(&mut self, path: &str) -> &mut Self {
        path.split('.').fold(self, |node, key| {
            let known = node.inside.iter().position(|inside| inside.key == key);
            let place = known.unwrap_or_else(|| {
                node.inside.push(Self {
                    key: key.to_owned(),
                    ..Self::default()
                });
                node.inside.len() - 1
            });
            &mut node.inside[place]
        })
    }
}

/// Reads one value of the tree; it holds what a line says, so it is not printed.
struct Seed<'f, 'v, 'a> {
    node: &'f Node,
    found: &'v mut Vec<Option<Cow<'a, [u8]>>>,
}

impl<'a> Seed<'_, '_, 'a> {
    fn keep<E>(self, value: Cow<'a, [u8]>) -> Result<(), E> {
        if let Some(field) = self.node.field {
            self.found[field] = Some(value);
        }
        Ok(())
    }

    fn number<E>(self, value: impl fmt::Display) -> Result<(), E> {
        match self.node.field {
            Some(_) => self.keep(value.to_string().into_bytes().into()),
            None => Ok(()),
        }
    }
}

impl<'a> DeserializeSeed<'a> for Seed<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Seed<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(inside) = map.next_key_seed(Key(self.node))? {
            match inside {
                Some(node) => map.next_value_seed(Seed {
                    node,
                    found: &mut *self.found,
                })?,
                None => map.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        list.next_element_seed(self)?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        self.keep(text.as_bytes().into())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.keep(text.as_bytes().to_vec().into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.number(value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.number(value)
    }

    // The shortest decimal that reads back as the same number: as it was written.
    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.number(value)
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.number(value)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Looks a key up among those inside a node.
struct Key<'f>(&'f Node);

impl<'a, 'f> DeserializeSeed<'a> for Key<'f> {
    type Value = Option<&'f Node>;

    fn deserialize<D: Deserializer<'a>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_str(self)
    }
}

impl<'f> Visitor<'_> for Key<'f> {
    type Value = Option<&'f Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.inside.iter().find(|inside| inside.key == key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str) -> Result<JsonFormat, FormatError> {
        JsonFormat::compile(text, Manner::default())
    }

    fn values(format: &str, line: &[u8]) -> Result<Vec<String>, LineError> {
        let read = compile(format).unwrap();
        let values = read.values(line)?.into_iter();
        Ok(values
            .map(|(_, value)| String::from_utf8_lossy(&value).into_owned())
            .collect())
    }

    #[test]
    fn only_what_the_map_names_in_its_order() {
        let format = "json: time=t status=a.status user_agent=a.h.Agent bytes=size";
        let line = br#"{"size":12,"token":"x","a":{"status":"200","h":{"Agent":["one","two"]}},"t":"now"}"#;
        assert_eq!(values(format, line).unwrap(), ["now", "200", "one", "12"]);
        let line = br#"{"t":1703373474.8155608,"a":null,"size":[],"status":{}}"#;
        assert_eq!(values(format, line).unwrap(), ["1703373474.8155608"]);
        let line = br#"{"t":"\u00e9\"","a":[{"status":0.000001}]}"#;
        assert_eq!(values(format, line).unwrap(), ["é\"", "0.000001"]);
    }

    #[test]
    fn what_is_no_json() {
        let error = |line: &[u8]| values("json: time=t", line).err();
        assert_eq!(error(b"GET /"), Some(LineError::Json));
        assert_eq!(error(b""), Some(LineError::Json));
        assert_eq!(error(b"[1]"), Some(LineError::Json));
        assert_eq!(error(br#"{"t":1}{"t":2}"#), Some(LineError::Json));
        assert_eq!(error(br#"{"t":"20"#), Some(LineError::Truncated));
        let bytes = b"{\"x\":\"\xE9\",\"t\":\"\xE9t\xE9\"}";
        assert_eq!(
            values("json: time=t", bytes).unwrap(),
            ["\u{FFFD}t\u{FFFD}"]
        );
    }

    #[test]
    fn maps_are_refused_with_a_column_and_a_hint() {
        for (text, column, word) in [
            ("json: time=t durée=x", 14, "did you mean"),
            ("json: time=t duration=x", 14, "unit"),
            ("json: time=t:hours", 7, "date"),
            ("json: time=t status", 14, "pair"),
            ("json: time=t status=a..b", 14, "names no key"),
            ("json: status=s", 1, "no date"),
        ] {
            let error = compile(text).unwrap_err();
            assert_eq!(error.column, column, "{text}");
            assert!(error.message.contains(word), "{error}");
            assert!(error.message.contains("hint:"), "{error}");
        }
    }
}
