//! The format inside a whole directive of a server's configuration.

/// The format that a directive holds.
pub(super) struct Directive {
    pub format: String,
    /// `escape=none`: values stand in the line as they are.
    pub is_unescaped: bool,
}

/// The format of `log_format NAME [escape=...] '...' '...';`, of
/// `LogFormat "..." [NAME]`, or of strings alone; none where the text is none of
/// these.
pub(super) fn content(text: &str) -> Option<Directive> {
    let trimmed = text.trim();
    if let Some(rest) = trimmed.strip_prefix("LogFormat") {
        let (format, _) = quoted(rest.trim_start())?;
        return Some(Directive {
            format,
            is_unescaped: false,
        });
    }
    let rest = match trimmed.strip_prefix("log_format") {
        Some(rest) => rest
            .trim_start()
            .split_once(char::is_whitespace)
            .map_or("", |(_, rest)| rest),
        None => trimmed,
    };
    let bare = without_escape(rest);
    let is_unescaped = rest.trim_start().starts_with("escape=none");
    let format = strings(bare).or_else(|| {
        let unquoted = bare.trim_end_matches(';').to_owned();
        (bare != trimmed).then_some(unquoted)
    })?;
    Some(Directive {
        format,
        is_unescaped,
    })
}

fn without_escape(text: &str) -> &str {
    let text = text.trim_start();
    ["escape=default", "escape=json", "escape=none"]
        .iter()
        .find_map(|escape| text.strip_prefix(escape))
        .map_or(text, str::trim_start)
}

/// Several strings of nginx one after the other, up to the `;`.
fn strings(text: &str) -> Option<String> {
    let mut rest = text;
    let mut joined = String::new();
    while rest.starts_with('\'') {
        let (inside, after) = quoted(rest)?;
        joined.push_str(&inside);
        rest = after.trim_start();
    }
    (!joined.is_empty() && matches!(rest, "" | ";")).then_some(joined)
}

/// The inside of the string at the start, and what follows it. Escapes of the
/// enclosing quote are undone, the others left to the format.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut inside = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some((_, escaped)) if escaped == quote => inside.push(quote),
                Some((_, other)) => inside.extend(['\\', other]),
                None => return None,
            },
            c if c == quote => return Some((inside, &text[at + 1..])),
            c => inside.push(c),
        }
    }
    None
}
