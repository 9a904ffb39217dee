//! The national identifier of an establishment.

use std::fmt;

/// Check letters in the order of the remainder modulo 23.
const CHECK_LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";

/// A well-formed UAI: seven digits and a capital letter. The letter may be
/// wrong ([`Uai::check_letter_is_right`]): that is a data-quality finding,
/// not a reason to lose the establishment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uai([u8; 8]);

/// Why a text is not a UAI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UaiError {
    /// Not eight characters once trimmed; holds the length found.
    Length(usize),
    /// Not seven digits and a letter.
    Shape,
}

impl fmt::Display for UaiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(n) => write!(f, "a UAI has 8 characters, not {n}"),
            Self::Shape => write!(f, "a UAI is seven digits and a letter"),
        }
    }
}

impl std::error::Error for UaiError {}

impl Uai {
    /// Reads a UAI: trims, upper-cases, then checks the shape.
    pub fn parse(text: &str) -> Result<Self, UaiError> {
        let trimmed = text.trim().as_bytes();
        let bytes: [u8; 8] = trimmed
            .try_into()
            .map_err(|_| UaiError::Length(text.trim().chars().count()))?;
        let upper = bytes.to_ascii_uppercase();
        let digits = upper[..7].iter().all(u8::is_ascii_digit);
        if !digits || !upper[7].is_ascii_uppercase() {
            return Err(UaiError::Shape);
        }
        Ok(Self(upper.try_into().expect("eight bytes")))
    }

    /// The UAI with this seven-digit number and its right check letter.
    /// `None` above 9,999,999.
    pub fn from_number(number: u32) -> Option<Self> {
        if number > 9_999_999 {
            return None;
        }
        let letter = CHECK_LETTERS[(number % 23) as usize];
        Self::parse(&format!("{number:07}{}", letter as char)).ok()
    }

    /// Whether the letter is that of the seven digits.
    pub fn check_letter_is_right(self) -> bool {
        Self::from_number(self.number()) == Some(self)
    }

    /// The seven digits as a number.
    pub fn number(self) -> u32 {
        self.0[..7]
            .iter()
            .fold(0, |n, d| n * 10 + u32::from(d - b'0'))
    }

    /// The first three digits: the département, zero-padded (`059`).
    pub fn departement_prefix(&self) -> &str {
        &self.as_str()[..3]
    }

    /// The eight characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a UAI is ASCII")
    }
}

impl fmt::Display for Uai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_blanks_and_lower_case() {
        assert_eq!(Uai::parse(" 0020002s ").unwrap().as_str(), "0020002S");
    }

    #[test]
    fn check_letter_of_official_uai() {
        for text in ["0020002S", "0020098W", "0020012C"] {
            assert!(Uai::parse(text).unwrap().check_letter_is_right(), "{text}");
        }
        assert!(!Uai::parse("0599999A").unwrap().check_letter_is_right());
    }

    #[test]
    fn refuses_other_shapes() {
        assert_eq!(Uai::parse("059"), Err(UaiError::Length(3)));
        assert_eq!(Uai::parse("05999991"), Err(UaiError::Shape));
        assert_eq!(Uai::parse("O599999A"), Err(UaiError::Shape));
        assert_eq!(Uai::from_number(10_000_000), None);
    }
}
