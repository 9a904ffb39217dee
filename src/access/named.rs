//! Formats known by a name: data (`src/data/log-formats.csv`), written in the
//! grammars of the other formats.
//!
//! Columns: the name (given again for each alternative), `escape` (`none` where
//! the server escapes nothing), `date` (`framework` where the lines bear none of
//! their own), words that stand for no value, the format itself.

const TABLE: &str = include_str!("../data/log-formats.csv");

/// A format known by a name.
pub(super) struct Named {
    /// Alternatives, tried in order.
    pub texts: Vec<&'static str>,
    pub absent: Vec<Vec<u8>>,
    pub is_dateless: bool,
    pub is_unescaped: bool,
}

/// The names, in the order of the table.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = rows().map(|row| row[0]).collect();
    names.dedup();
    names
}

/// What to say of a word that names no format.
pub(super) fn unknown(word: &str) -> String {
    let names = names();
    let near = names
        .iter()
        .min_by_key(|name| strsim::damerau_levenshtein(name, word));
    let near = near.copied().unwrap_or_default();
    let names = names.join("`, `");
    format!(
        "`{word}` names no format and holds no value\nhint: did you mean `{near}`? The names are `{names}`, or paste the format of the server"
    )
}

/// The format of a name.
pub(super) fn find(name: &str) -> Option<Named> {
    let rows: Vec<[&'static str; 5]> = rows().filter(|row| row[0] == name).collect();
    let [_, escape, date, absent, _] = *rows.first()?;
    let words = absent.split_ascii_whitespace();
    Some(Named {
        texts: rows.iter().map(|row| row[4]).collect(),
        absent: words.map(|word| word.as_bytes().to_vec()).collect(),
        is_dateless: date == "framework",
        is_unescaped: escape == "none",
    })
}

/// The named format that is the last word of a text, and what stands before it.
pub(super) fn at_end(text: &str) -> Option<(&str, Named)> {
    let text = text.trim_end();
    let start = text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    // A blank of more than one byte ends where the next character begins.
    let start = (start..=text.len()).find(|at| text.is_char_boundary(*at))?;
    Some((text[..start].trim_start(), find(&text[start..])?))
}

fn rows() -> impl Iterator<Item = [&'static str; 5]> {
    TABLE.lines().skip(1).map(|line| {
        let mut cells = line.splitn(5, ',');
        std::array::from_fn(|_| cells.next().expect("five columns in the built-in formats"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_may_be_a_name() {
        let found = |text| at_end(text).map(|(prefix, _)| prefix);
        assert_eq!(found("combined"), Some(""));
        assert_eq!(found(" squid\n"), Some(""));
        assert_eq!(found("[%t] entcore"), Some("[%t] "));
        assert_eq!(found("%t\u{a0}entcore"), Some("%t\u{a0}"));
        assert_eq!(found("%t entcore2"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn a_name_may_have_alternatives() {
        assert_eq!(find("entcore").unwrap().texts.len(), 2);
        assert_eq!(names().iter().filter(|n| **n == "entcore").count(), 1);
        assert!(find("unknown").is_none());
    }
}
