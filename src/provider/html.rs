//! HTML entities, named and by number.

/// Longest entity that is looked for, without `&` and `;`.
const LONGEST: usize = 10;

/// A text without its entities. What is no known entity stays as it is.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        let end = rest.find(';').filter(|end| *end <= LONGEST);
        match end.and_then(|end| Some((end, character(&rest[..end])?))) {
            Some((end, found)) => {
                out.push(found);
                rest = &rest[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

fn character(entity: &str) -> Option<char> {
    if let Some(number) = entity.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let code = match hexadecimal {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).filter(|c| !c.is_control());
    }
    Some(match entity {
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "lt" => '<',
        "gt" => '>',
        "nbsp" => '\u{a0}',
        "eacute" => 'é',
        "Eacute" => 'É',
        "egrave" => 'è',
        "Egrave" => 'È',
        "ecirc" => 'ê',
        "agrave" => 'à',
        "acirc" => 'â',
        "ccedil" => 'ç',
        "icirc" => 'î',
        "iuml" => 'ï',
        "ocirc" => 'ô',
        "ucirc" => 'û',
        "ugrave" => 'ù',
        "rsquo" => '’',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_of_the_export() {
        assert_eq!(unescape("L&#39;A &amp; B&#x60;&#x3D;&quot;"), "L'A & B`=\"");
        assert_eq!(unescape("&Eacute;l&#232;ves"), "Élèves");
        assert_eq!(
            unescape("a & b; &unknown; &#0; &"),
            "a & b; &unknown; &#0; &"
        );
        assert_eq!(unescape("&amp;lt;"), "&lt;");
    }
}
