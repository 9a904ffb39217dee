//! Levels and the five départements of the region.

use super::Uai;

/// Primary or secondary. Comes from the establishment, never from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `1D`: écoles.
    Primary,
    /// `2D`: collèges, lycées and what is like them.
    Secondary,
}

impl Level {
    /// The level of a nature code of the ministry; `None` for services
    /// (rectorat, DSDEN, circonscription, CIO) and unknown codes.
    pub fn from_nature(nature: u16) -> Option<Self> {
        match nature {
            101 | 103 | 151 | 153 | 162 => Some(Self::Primary),
            300 | 302 | 306 | 320 | 334 | 335 | 340 | 370 | 380 | 400 => Some(Self::Secondary),
            _ => None,
        }
    }

    /// `1D` or `2D`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Primary => "1D",
            Self::Secondary => "2D",
        }
    }
}

/// One of the five départements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Departement {
    /// 02
    Aisne,
    /// 59
    Nord,
    /// 60
    Oise,
    /// 62
    PasDeCalais,
    /// 80
    Somme,
}

impl Departement {
    /// All five, by code.
    pub const ALL: [Self; 5] = [
        Self::Aisne,
        Self::Nord,
        Self::Oise,
        Self::PasDeCalais,
        Self::Somme,
    ];

    /// The two-digit code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Aisne => "02",
            Self::Nord => "59",
            Self::Oise => "60",
            Self::PasDeCalais => "62",
            Self::Somme => "80",
        }
    }

    /// The name shown to readers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aisne => "Aisne",
            Self::Nord => "Nord",
            Self::Oise => "Oise",
            Self::PasDeCalais => "Pas-de-Calais",
            Self::Somme => "Somme",
        }
    }

    /// Code of the académie: Lille `09` for 59 and 62, Amiens `20` otherwise.
    pub fn academie(self) -> &'static str {
        match self {
            Self::Nord | Self::PasDeCalais => "09",
            Self::Aisne | Self::Oise | Self::Somme => "20",
        }
    }

    /// The département of an establishment; `None` outside the region.
    pub fn of(uai: Uai) -> Option<Self> {
        let code = uai.departement_prefix().strip_prefix('0')?;
        Self::ALL.into_iter().find(|d| d.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departement_of_uai() {
        let of = |t: &str| Departement::of(Uai::parse(t).unwrap());
        assert_eq!(of("0020002S"), Some(Departement::Aisne));
        assert_eq!(of("0599999A"), Some(Departement::Nord));
        assert_eq!(of("0750001A"), None);
        assert_eq!(of("6200001A"), None);
    }

    #[test]
    fn services_have_no_level() {
        assert_eq!(Level::from_nature(151), Some(Level::Primary));
        assert_eq!(Level::from_nature(340), Some(Level::Secondary));
        assert_eq!(Level::from_nature(802), None);
    }
}
