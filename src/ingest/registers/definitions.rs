//! The registers: their names, their columns and what each column holds.

/// What a column of a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Text, required.
    Text,
    /// Text that may be empty.
    Note,
    /// `2025-11-03`
    Date,
    /// `2025-11-03`, or empty.
    OptionalDate,
    /// `2025-11-03T08:00`, local time.
    Time,
    /// A whole number.
    Number,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One or more of these words, separated by blanks or commas.
    SomeOf(&'static [&'static str]),
    /// UAI numbers of schools, separated by blanks or commas; may be empty.
    Schools,
    /// Identifiers of partners, separated by blanks or commas; may be empty.
    Partners,
    /// The identifier of a partner.
    Partner,
}

/// A register: its name and its columns.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// The name on the command line.
    pub name: &'static str,
    /// Columns in order; the first is the `id` of a row.
    pub columns: &'static [(&'static str, Holds)],
}

use Holds::{Date, Note, Number, OneOf, OptionalDate, Partner, Partners, Schools, SomeOf};
use Holds::{Text, Time};

const LEVELS: Holds = OneOf(&["1D", "2D", "1D et 2D"]);
const DEPARTEMENTS: Holds = OneOf(&["02", "59", "60", "62", "80", "32"]);
const PROFILES: &[&str] = &["eleves", "parents", "enseignants", "personnels"];
/// Of article 4.2 of the convention.
const BODIES: Holds = OneOf(&[
    "Observatoire",
    "COSTRA",
    "Comité de coordination",
    "COTER",
    "COTEC",
    "Cellule de crise",
    "Bulletin d’assistance",
]);

/// All registers.
pub const REGISTERS: [Register; 12] = [
    Register {
        name: "incidents",
        columns: &[
            ("id", Text),
            ("nature", OneOf(&["incident", "maintenance"])),
            ("perimetre", OneOf(&["ENT", "connexion"])),
            ("debut", Time),
            ("fin", Time),
            ("cause", Text),
        ],
    },
    Register {
        name: "decisions-de-crise",
        columns: &[
            ("id", Text),
            ("debut", Time),
            ("fin", Time),
            ("profils", SomeOf(PROFILES)),
            ("decision", Text),
            ("motif", Note),
        ],
    },
    Register {
        name: "periodes-erronees",
        columns: &[
            ("id", Text),
            ("source", Text),
            ("debut", Date),
            ("fin", Date),
            ("motif", Text),
        ],
    },
    Register {
        name: "ruptures",
        columns: &[
            ("id", Text),
            ("indicateur", Text),
            ("date", Date),
            ("motif", Text),
        ],
    },
    Register {
        name: "actions",
        columns: &[
            ("id", Text),
            ("date", Date),
            ("type", Text),
            ("public", Text),
            ("degre", LEVELS),
            ("departement", DEPARTEMENTS),
            ("heures", Number),
            ("participants", Number),
            ("etablissements", Schools),
            ("bilan", Note),
        ],
    },
    Register {
        name: "bonnes-pratiques",
        columns: &[
            ("id", Text),
            ("date", OptionalDate),
            ("intitule", Text),
            ("degre", LEVELS),
            ("description", Note),
        ],
    },
    Register {
        name: "enquetes",
        columns: &[
            ("id", Text),
            ("enquete", Text),
            ("debut", Date),
            ("fin", Date),
            ("profil", OneOf(PROFILES)),
            ("question", Text),
            ("reponse", Text),
            ("effectif", Number),
            ("repondants", Number),
            ("sollicites", Number),
        ],
    },
    Register {
        name: "groupes-utilisateurs",
        columns: &[
            ("id", Text),
            ("date", Date),
            ("intitule", Text),
            ("participants", Number),
            ("synthese", Text),
        ],
    },
    Register {
        name: "propositions",
        columns: &[
            ("id", Text),
            ("intitule", Text),
            (
                "etat",
                OneOf(&["proposée", "examinée", "validée", "refusée", "réalisée"]),
            ),
            ("date", Date),
            ("porteur", Text),
        ],
    },
    Register {
        name: "feuille-de-route",
        columns: &[
            ("id", Text),
            ("axe", Text),
            ("action", Text),
            ("echeance", Text),
            ("responsable", Text),
            ("etat", Text),
            ("annee", Note),
        ],
    },
    Register {
        name: "reunions",
        columns: &[
            ("id", Text),
            ("instance", BODIES),
            ("date", Date),
            ("participants", Number),
            ("partenaires", Partners),
        ],
    },
    Register {
        name: "communications",
        columns: &[
            ("id", Text),
            ("emetteur", Partner),
            ("debut", Date),
            ("fin", Date),
            ("profils", SomeOf(PROFILES)),
            ("etablissements", Schools),
            ("objet", Text),
        ],
    },
];

impl Holds {
    /// Whether a cell may be empty, and the column not be there at all.
    pub(super) fn may_be_empty(self) -> bool {
        matches!(self, Note | OptionalDate | Schools | Partners)
    }

    /// What to write in a cell, for the person who fills in the register.
    pub fn explain(self) -> String {
        let words = |words: &[&str]| words.join(" | ");
        match self {
            Text => "texte".into(),
            Note => "texte (facultatif)".into(),
            Date => "date (2025-11-03)".into(),
            OptionalDate => "date (2025-11-03), facultative".into(),
            Time => "date et heure locale (2025-11-03T08:00)".into(),
            Number => "nombre entier".into(),
            OneOf(list) => words(list),
            SomeOf(list) => format!("un ou plusieurs de : {}", words(list)),
            Schools => "numéros UAI séparés par des blancs (facultatif)".into(),
            Partners => "identifiants de partenaires séparés par des blancs (facultatif)".into(),
            Partner => "identifiant d’un partenaire".into(),
        }
    }
}

impl Register {
    /// The register of a name; the error lists them all.
    pub fn named(name: &str) -> Result<Self, String> {
        REGISTERS
            .into_iter()
            .find(|r| r.name == name)
            .ok_or_else(|| {
                let names: Vec<&str> = REGISTERS.iter().map(|r| r.name).collect();
                format!(
                    "unknown register `{name}`\nhint: registers are {}",
                    names.join(", ")
                )
            })
    }

    /// The place of a column.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }
}

/// An empty register: its header.
pub fn register_template(register: &Register) -> String {
    let names: Vec<&str> = register.columns.iter().map(|(name, _)| *name).collect();
    format!("{}\n", names.join(";"))
}
