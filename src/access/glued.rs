//! Records into which a shipper glued several lines, the line end between them
//! written as a backslash and an `n`.

/// The lines of a record, cut at each `\n` outside of double quotes. None where
/// there is no such place: then the record is one line.
pub(super) fn parts(record: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut in_quotes = false;
    while let Some(offset) = memchr::memchr2(b'"', b'\\', &record[at..]) {
        at += offset;
        match (record[at], record.get(at + 1)) {
            (b'"', _) => {
                in_quotes = !in_quotes;
                at += 1;
            }
            (_, Some(b'n')) if !in_quotes => {
                parts.push(&record[start..at]);
                at += 2;
                start = at;
            }
            // A backslash takes the byte after it with it.
            _ => at = (at + 2).min(record.len()),
        }
    }
    parts.push(&record[start..]);
    let is_cut = parts.len() > 1;
    parts.retain(|part| !part.trim_ascii().is_empty());
    (is_cut && !parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::parts;

    fn texts(record: &str) -> Option<Vec<String>> {
        let parts = parts(record.as_bytes())?.into_iter();
        Some(
            parts
                .map(|part| String::from_utf8_lossy(part).into_owned())
                .collect(),
        )
    }

    #[test]
    fn only_outside_of_quotes() {
        assert_eq!(texts(r#"a "b\n" c"#), None);
        assert_eq!(texts(r#"a "b" c"#), None);
        assert_eq!(texts(r#"a "b"\nc "d""#).unwrap(), [r#"a "b""#, r#"c "d""#]);
        // An escaped quote does not end the value; a last line end cuts nothing off.
        assert_eq!(texts(r#"a "b\"\n" c\n"#).unwrap(), [r#"a "b\"\n" c"#]);
        assert_eq!(texts(r"\n\n"), None);
        assert_eq!(texts(r"a\"), None);
    }
}
