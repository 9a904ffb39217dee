//! Delimited text cut into records before it is parsed: a record with a stray
//! quote or another number of cells than the header is set apart, and reading goes
//! on at the next line that begins a whole record. So a fault costs its own row
//! and never shifts the columns of another.

/// Records that have the shape of the header, and why others have not.
pub struct Records {
    /// The header and the whole records, as they stand in the file.
    pub whole: String,
    /// One reason for each record set apart.
    pub broken: Vec<&'static str>,
}

/// `;`, `,` or a tab, whichever the header has most of, the first of equals.
pub fn separator(text: &str) -> u8 {
    let header = body(text).lines().next().unwrap_or_default();
    let mut best = b';';
    for other in [b',', b'\t'] {
        let count = |c: u8| header.bytes().filter(|b| *b == c).count();
        if count(other) > count(best) {
            best = other;
        }
    }
    best
}

/// The text from its header on: without BOM and blank lines before it.
pub fn body(text: &str) -> &str {
    text.trim_start_matches(['\u{feff}', '\r', '\n', ' '])
}

/// Cuts a text. Exports of statistics may begin with a title: lines of one cell
/// before a header of several are passed over.
pub fn cut(text: &str, separator: u8) -> Records {
    let mut rest = body(text);
    let mut header = record(rest, separator);
    while header.cells == 1 && !rest[header.end..].trim().is_empty() {
        rest = rest[header.end..].trim_start_matches(['\r', '\n']);
        header = record(rest, separator);
    }
    let width = header.cells - usize::from(header.empty_end);
    let fits = |r: &Record| {
        let delimited = r.cells == width + 1 && r.empty_end;
        let plain = r.cells == width && !(header.empty_end && r.empty_end);
        r.fault.is_none() && (delimited || plain)
    };
    let mut records = Records {
        whole: format!(
            "{}\n",
            without_end(&rest[..header.end], separator, header.cells > width)
        ),
        broken: Vec::new(),
    };
    rest = &rest[header.end..];
    while !rest.is_empty() {
        let found = record(rest, separator);
        if rest[..found.end].trim().is_empty() {
            rest = &rest[found.end..];
        } else if fits(&found) {
            let line = without_end(&rest[..found.end], separator, found.cells > width);
            records.whole.push_str(line);
            records.whole.push('\n');
            rest = &rest[found.end..];
        } else {
            records.broken.push(found.fault.unwrap_or("columns"));
            rest = after_broken(rest, &found, separator, &fits);
        }
    }
    records
}

/// From a broken record to the next line that begins a whole one, or its end.
fn after_broken<'a>(
    rest: &'a str,
    found: &Record,
    separator: u8,
    fits: &impl Fn(&Record) -> bool,
) -> &'a str {
    let mut from = 0;
    while let Some(line) = rest[from..found.end].find('\n') {
        from += line + 1;
        if from >= found.end {
            break;
        }
        let next = record(&rest[from..], separator);
        if fits(&next) {
            return &rest[from..];
        }
    }
    &rest[found.end..]
}

/// A record without its line end and without the delimiter after its last cell.
fn without_end(record: &str, separator: u8, delimited: bool) -> &str {
    let record = record.trim_end_matches(['\r', '\n']);
    match delimited {
        true => record.strip_suffix(separator as char).unwrap_or(record),
        false => record,
    }
}

struct Record {
    cells: usize,
    /// Where the next one begins.
    end: usize,
    /// Whether the last cell is empty and not quoted.
    empty_end: bool,
    fault: Option<&'static str>,
}

/// One record from the beginning of a text.
fn record(text: &str, separator: u8) -> Record {
    let bytes = text.as_bytes();
    let (mut at, mut cells, mut fault) = (0, 0, None);
    loop {
        cells += 1;
        let start = at;
        if bytes.get(at) == Some(&b'"') {
            match quoted(bytes, at, separator) {
                (end, true) => at = end,
                (end, false) => (at, fault) = (end, Some("quote")),
            }
        }
        let stop = |b: &u8| *b == separator || *b == b'\n';
        at += bytes[at..]
            .iter()
            .position(stop)
            .unwrap_or(bytes.len() - at);
        let empty = bytes[start..at].iter().all(u8::is_ascii_whitespace);
        if bytes.get(at) == Some(&separator) {
            at += 1;
            continue;
        }
        let end = (at + 1).min(bytes.len());
        return Record {
            cells,
            end,
            empty_end: empty && cells > 1,
            fault,
        };
    }
}

/// The end of a quoted cell, and whether it is well formed: `""` inside, and
/// nothing but a delimiter or the end of the line after its quote.
fn quoted(bytes: &[u8], start: usize, separator: u8) -> (usize, bool) {
    let mut at = start + 1;
    let mut right = true;
    while let Some(next) = memchr::memchr(b'"', &bytes[at..]) {
        at += next + 1;
        match bytes.get(at) {
            Some(b'"') => at += 1,
            None | Some(b'\n') => return (at, right),
            Some(b'\r') if matches!(bytes.get(at + 1), None | Some(b'\n')) => return (at, right),
            Some(b) if *b == separator => return (at, right),
            Some(_) => right = false,
        }
    }
    (bytes.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_costs_its_own_row() {
        let text = "\n\u{feff}\"ID\";\"Titre\";\"Statut\";\n\
            \"1\";\"a ; b\nsuite\";\"Clos\";\n\
            \"2\";\"un \"mot\" ici\";\"Clos\";\n\
            \"3\";\"ouvert;\"Clos\";\n\
            \"4\";\"bon\";\"Clos\";\n\
            \"5\";\"trop\";\"de\";\"Clos\";\n\
            \"6\";\"Clos\";\n\
            7;bon;Clos\n";
        let records = cut(text, separator(text));
        assert_eq!(records.broken, ["quote", "quote", "columns", "columns"]);
        assert!(
            records
                .whole
                .starts_with("\"ID\";\"Titre\";\"Statut\"\n\"1\";\"a ; b\nsuite\"")
        );
        let ids: Vec<&str> = records
            .whole
            .lines()
            .filter_map(|l| l.split(';').next())
            .collect();
        assert_eq!(ids, ["\"ID\"", "\"1\"", "suite\"", "\"4\"", "7"]);
    }

    #[test]
    fn titles_before_the_header_and_carriage_returns() {
        let text = "Statistique de novembre\r\nPériode\r\n\"Ticket#\",\"State\"\r\n\"1\",\"\"\r\n\r\n\"2\",\"open\"\r\n";
        let records = cut(text, b',');
        assert_eq!(records.broken.len(), 0);
        assert_eq!(
            records.whole,
            "\"Ticket#\",\"State\"\n\"1\",\"\"\n\"2\",\"open\"\n"
        );
    }
}
