//! The observatory's roles and every spelling seen for them.

use std::fmt;

/// Who an account belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Pupils.
    Student,
    /// Parents and guardians.
    Parent,
    /// Teachers, librarians included.
    Teacher,
    /// Every other adult of the establishment, of the académie or of the collectivité.
    Staff,
    /// Invited accounts.
    Guest,
    /// No profile given, or one that no table knows.
    Unknown,
}

impl Role {
    /// All roles, in the order in which tables show them.
    pub const ALL: [Self; 6] = [
        Self::Student,
        Self::Parent,
        Self::Teacher,
        Self::Staff,
        Self::Guest,
        Self::Unknown,
    ];

    /// The role of a profile as written by a directory, a platform event, an
    /// LDAP class or an old marker digit. Case and accents do not matter.
    pub fn from_profile(profile: &str) -> Self {
        let folded: String = profile.trim().to_lowercase().replace(['é', 'è'], "e");
        match folded.as_str() {
            "national_elv" | "student" | "enteleve" | "eleve" | "eleves" | "elv" | "1" => {
                Self::Student
            }
            "national_tut" | "relative" | "entauxpersreleleve" | "parent" | "parents" | "3" => {
                Self::Parent
            }
            "national_ens" | "national_doc" | "teacher" | "entauxenseignant" | "enseignant"
            | "enseignants" | "2" => Self::Teacher,
            "national_dir"
            | "national_evs"
            | "national_eta"
            | "national_aca"
            | "national_col"
            | "personnel"
            | "personnels"
            | "staff"
            | "entauxnonensetab"
            | "entauxnonensservac"
            | "entauxnonenscollloc"
            | "admin_vie_scol_tech"
            | "4"
            | "7" => Self::Staff,
            "guest" | "invite" | "invites" | "6" => Self::Guest,
            _ => Self::Unknown,
        }
    }

    /// The role of an account with several profiles: teacher, then staff,
    /// then student, then parent (spec 2, roles).
    pub fn of_account(profiles: &[Self]) -> Self {
        [
            Self::Teacher,
            Self::Staff,
            Self::Student,
            Self::Parent,
            Self::Guest,
        ]
        .into_iter()
        .find(|role| profiles.contains(role))
        .unwrap_or(Self::Unknown)
    }

    /// The code used in the lake and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Parent => "parent",
            Self::Teacher => "teacher",
            Self::Staff => "staff",
            Self::Guest => "guest",
            Self::Unknown => "unknown",
        }
    }

    /// What a reader sees, in French.
    pub fn label(self) -> &'static str {
        match self {
            Self::Student => "Élèves",
            Self::Parent => "Parents",
            Self::Teacher => "Enseignants",
            Self::Staff => "Personnels",
            Self::Guest => "Invités",
            Self::Unknown => "Non renseigné",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_in_the_wild() {
        for text in ["National_elv", "ENTEleve", "Student", "ELEVE", "Élève"] {
            assert_eq!(Role::from_profile(text), Role::Student, "{text}");
        }
        assert_eq!(Role::from_profile("National_DOC"), Role::Teacher);
        assert_eq!(Role::from_profile("whatever"), Role::Unknown);
    }

    #[test]
    fn codes_and_labels_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_profile(role.code()), role);
        }
        assert_eq!(Role::from_profile(Role::Guest.label()), Role::Guest);
    }

    #[test]
    fn a_teacher_who_is_a_parent_is_a_teacher() {
        assert_eq!(
            Role::of_account(&[Role::Parent, Role::Teacher]),
            Role::Teacher
        );
        assert_eq!(Role::of_account(&[]), Role::Unknown);
    }
}
