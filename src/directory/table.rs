//! Directories as delimited tables: the platform's own export, or the plain format of
//! the README. A row is read as an entry of an AAF file would be, so that roles,
//! attachments, history and checks are those of all directories.
//!
//! ```text
//! PLATEFORME_Complet_20250916_Comptes.csv
//! key;profile;uai;functions
//! 2605692;Student;0590001A|0590002B;
//! ```
//! Cells pass by the declared map of columns: names, logins, activation codes and what
//! else an export holds are never read out of their line.

use super::aaf::{Category, Entry, Fault, Operation};
use crate::domain::Role;
use csv::ByteRecord;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

/// What a column may tell, the word by which a map names it, and for which a column of
/// that name is taken where no map says otherwise.
const FIELDS: [&str; 9] = [
    "key",
    "profile",
    "structures",
    "uai",
    "functions",
    "parents",
    "name",
    "kind",
    "teaches",
];

/// Which column tells what: `key=externalId`, `profile=type`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(BTreeMap<&'static str, String>);

impl Columns {
    /// A map from fields to the names of columns. The error names the field that is none.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, String> {
        let mut columns = BTreeMap::new();
        for (field, column) in pairs {
            let known = FIELDS.iter().find(|known| **known == field);
            let Some(known) = known else {
                return Err(format!(
                    "`{field}` is nothing that a column of a directory tells\nhint: map {}",
                    FIELDS.join(", ")
                ));
            };
            columns.insert(*known, column.to_owned());
        }
        Ok(Self(columns))
    }

    /// What a delivery is told by besides its bytes: another map reads other people.
    pub fn identity(&self) -> String {
        let pairs = self
            .0
            .iter()
            .map(|(field, column)| format!("{field}={column}"));
        pairs.collect::<Vec<_>>().join(";")
    }

    fn column(&self, field: &'static str) -> &str {
        self.0.get(field).map_or(field, String::as_str)
    }
}

/// Where each field is in the rows of one file.
struct Places(BTreeMap<&'static str, usize>);

impl Places {
    /// The error names columns by our map, never by the first line: of a file without
    /// header, that is a person.
    fn find(header: &ByteRecord, columns: &Columns) -> Result<Self, String> {
        let names: Vec<String> = header.iter().map(|name| text(name).into_owned()).collect();
        let mut places = BTreeMap::new();
        for field in FIELDS {
            let column = columns.column(field);
            // What the map says of a column is all that it tells.
            let is_mapped = columns.0.contains_key(field);
            if !is_mapped && columns.0.values().any(|mapped| mapped == column) {
                continue;
            }
            match names.iter().position(|name| name == column) {
                Some(place) => {
                    places.insert(field, place);
                }
                None if is_mapped => return Err(missing(column, names.len())),
                None => {}
            }
        }
        match places.contains_key("key") {
            true => Ok(Self(places)),
            false => Err(missing(columns.column("key"), names.len())),
        }
    }

    fn cell<'a>(&self, row: &'a ByteRecord, field: &str) -> Option<Cow<'a, str>> {
        let cell = text(row.get(*self.0.get(field)?)?);
        (!cell.is_empty()).then_some(cell)
    }

    /// The values of a cell, parted by `|` or `,`; none where no column tells them.
    fn values(&self, row: &ByteRecord, field: &str) -> Option<Vec<String>> {
        self.0.get(field)?;
        let cell = self.cell(row, field).unwrap_or_default();
        let values = cell.split(['|', ',']).map(str::trim);
        Some(
            values
                .filter(|v| !v.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }
}

fn missing(column: &str, count: usize) -> String {
    format!(
        "line 1: no column `{column}`\nhint: the first line names the columns, it names {count}; a map (`--columns key=externalId`, `columns` in the configuration) says which column tells what"
    )
}

/// UTF-8, or ISO-8859-15 otherwise; trimmed.
fn text(cell: &[u8]) -> Cow<'_, str> {
    let cell = cell
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(cell)
        .trim_ascii();
    match std::str::from_utf8(cell) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::ISO_8859_15.decode_without_bom_handling(cell).0,
    }
}

/// Streams the rows of one file that are about a category, each as an entry or as the
/// reason why it is none. A row whose profile nobody knows is of the staff's, so that
/// each row of a file of all accounts is counted once.
pub fn read(
    mut input: impl BufRead,
    columns: &Columns,
    wanted: Category,
    is_of_all: bool,
    mut take: impl FnMut(Result<Entry, &'static str>),
) -> Result<(), Fault> {
    let delimiter = delimiter(&mut input)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(input);
    let header = reader.byte_headers().map_err(|error| fault(&error))?;
    let width = header.len();
    let places = Places::find(header, columns).map_err(|message| Fault { offset: 0, message })?;
    if is_of_all && !places.0.contains_key("profile") {
        let message = missing(columns.column("profile"), width);
        return Err(Fault { offset: 0, message });
    }
    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row).map_err(|e| fault(&e))? {
        let profile = places.cell(&row, "profile");
        let category = match is_of_all {
            true => category(profile.as_deref()).unwrap_or(Category::Staff),
            false => wanted,
        };
        if category != wanted {
            continue;
        }
        // A stray delimiter shifts cells; one at the end of all lines is a habit of exports.
        if row.len() != width && !(row.len() == width + 1 && row.get(width) == Some(b"")) {
            take(Err("cells"));
        } else {
            take(entry(&places, &row, wanted, profile.as_deref()));
        }
    }
    Ok(())
}

/// The delimiter most frequent in the first line.
fn delimiter(input: &mut impl BufRead) -> Result<u8, Fault> {
    let first = input.fill_buf().map_err(|error| Fault {
        offset: 0,
        message: format!("{error}\nhint: the file may be cut or damaged; ask for it again"),
    })?;
    let line = first
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    let most = [b',', b'\t', b';'].into_iter().max_by_key(|d| count(*d));
    Ok(most.unwrap_or(b';'))
}

/// Tells nothing of the content.
fn fault(error: &csv::Error) -> Fault {
    let position = error.position();
    let line = position.map_or(0, csv::Position::line);
    let what = match error.kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => "this is not a delimited table".into(),
    };
    Fault {
        offset: position.map_or(0, csv::Position::byte),
        message: format!(
            "line {line}: {what}\nhint: the file may be cut or damaged; ask for it again"
        ),
    }
}

/// The category of a profile in any spelling known.
fn category(profile: Option<&str>) -> Option<Category> {
    match Role::from_profile(profile?) {
        Role::Student => Some(Category::Student),
        Role::Parent => Some(Category::Relative),
        Role::Teacher | Role::Staff => Some(Category::Staff),
        Role::Guest | Role::Unknown => None,
    }
}

fn entry(
    places: &Places,
    row: &ByteRecord,
    category: Category,
    profile: Option<&str>,
) -> Result<Entry, &'static str> {
    let id = places.cell(row, "key").ok_or("no_join_key")?.into_owned();
    let mut attributes = BTreeMap::new();
    let mut give = |name, values: Option<Vec<String>>| {
        if let Some(values) = values {
            attributes.insert(name, values);
        }
    };
    if category == Category::Structure {
        give("ENTStructureUAI", places.values(row, "uai"));
        give("ENTStructureNomCourant", one(places.cell(row, "name")));
        give("ENTStructureTypeStruct", one(places.cell(row, "kind")));
        return Ok(Entry::new(Operation::Add, category, id, attributes));
    }
    let structures = structures(places, row);
    if category == Category::Staff {
        give(
            "ENTPersonFonctions",
            functions(places, row, profile, &structures)?,
        );
        give(
            "ENTPersonCategorieEnseignant",
            teaches(places, row, profile),
        );
    }
    give("ENTPersonStructRattach", Some(structures));
    // Those of a list without further word are all legal relatives, as in 1D files.
    give("ENTEleveAutoriteParentale", places.values(row, "parents"));
    Ok(Entry::new(Operation::Add, category, id, attributes))
}

fn one(cell: Option<Cow<'_, str>>) -> Option<Vec<String>> {
    cell.map(|cell| vec![cell.into_owned()])
}

/// Join keys, or UAI, which are their own keys; each once.
fn structures(places: &Places, row: &ByteRecord) -> Vec<String> {
    let told = ["structures", "uai"].map(|field| places.values(row, field).unwrap_or_default());
    let uai = told[1].iter().map(|uai| uai.to_uppercase());
    let all: BTreeSet<String> = told[0].iter().cloned().chain(uai).collect();
    all.into_iter().collect()
}

fn teaches(places: &Places, row: &ByteRecord, profile: Option<&str>) -> Option<Vec<String>> {
    let told = places.cell(row, "teaches").map(Cow::into_owned);
    let by_profile = profile.map(Role::from_profile) == Some(Role::Teacher);
    let is_yes =
        told.is_some_and(|word| matches!(word.to_lowercase().as_str(), "o" | "oui" | "1" | "true"));
    Some(vec![if by_profile || is_yes { "O" } else { "N" }.into()])
}

/// `structure$code` for each code told or meant by the profile; without structure, as for
/// an officer of the académie, the part before `$` is empty.
fn functions(
    places: &Places,
    row: &ByteRecord,
    profile: Option<&str>,
    structures: &[String],
) -> Result<Option<Vec<String>>, &'static str> {
    let told = places.values(row, "functions").unwrap_or_default();
    let meant = match profile {
        Some(profile) if category(Some(profile)) != Some(Category::Staff) => return Err("profile"),
        Some(profile) => code_of(profile),
        None => None,
    };
    let mut functions = Vec::new();
    for function in &told {
        // `0590001A$DIR` says where; a bare code holds wherever the person is.
        match function.contains('$') {
            true => functions.push(function.clone()),
            false => functions.extend(everywhere(structures, function)),
        }
    }
    if told.is_empty() {
        functions.extend(
            meant
                .into_iter()
                .flat_map(|code| everywhere(structures, code)),
        );
    }
    Ok((!functions.is_empty()).then_some(functions))
}

fn everywhere(structures: &[String], code: &str) -> Vec<String> {
    match structures {
        [] => vec![format!("${code}")],
        some => some
            .iter()
            .map(|structure| format!("{structure}${code}"))
            .collect(),
    }
}

/// The function that a national profile stands for.
fn code_of(profile: &str) -> Option<&'static str> {
    Some(match profile.trim().to_lowercase().as_str() {
        "national_dir" => "DIR",
        "national_evs" => "EDU",
        "national_eta" => "ADM",
        "national_aca" => "INS",
        "national_col" => "COLTER",
        "national_doc" => "DOC",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(
        text: &[u8],
        wanted: Category,
        map: &[(&str, &str)],
    ) -> Result<Vec<Result<Entry, &'static str>>, Fault> {
        let columns = Columns::new(map.iter().copied()).unwrap();
        let mut found = Vec::new();
        read(text, &columns, wanted, true, |row| found.push(row))?;
        Ok(found)
    }

    const EXPORT: &[u8] =
        b"\xef\xbb\xbf\"id\";\"externalId\";\"lastName\";\"type\";\"structures\"\n\
        \"u1\";\"11\";\"SECRETNAME\";\"Student\";\"0590001A\"\n\
        \"u2\";\"12\";\"SECRETNAME\";\"Teacher\";\"0590001a|0620002B\"\n\
        \"u3\";\"13\";\"SECRETNAME\";\"Relative\";\"\"\n\
        \"u4\";\"14\";\"SECRETNAME\";\"Ovni\";\"0590001A\"\n\
        \"u5\";\"\";\"SECRETNAME\";\"Student\";\"0590001A\"\n\
        \"u6\";\"16\";\"SECRETNAME\"\n";
    const MAP: [(&str, &str); 3] = [
        ("key", "externalId"),
        ("profile", "type"),
        ("uai", "structures"),
    ];

    #[test]
    fn an_export_of_the_platform_told_by_a_map() {
        let pupils = rows(EXPORT, Category::Student, &MAP).unwrap();
        assert_eq!(pupils.len(), 2);
        let first = pupils[0].as_ref().ok().unwrap();
        assert_eq!(
            (first.id.as_str(), first.structures()),
            ("11", vec!["0590001A"])
        );
        assert!(matches!(pupils[1], Err("no_join_key")));
        let staff = rows(EXPORT, Category::Staff, &MAP).unwrap();
        let teacher = staff[0].as_ref().ok().unwrap();
        assert_eq!(teacher.structures(), ["0590001A", "0620002B"]);
        assert_eq!(
            teacher.values("ENTPersonCategorieEnseignant").unwrap(),
            ["O"]
        );
        assert!(
            matches!(staff[1], Err("profile")),
            "nobody knows this profile"
        );
        assert!(matches!(staff[2], Err("cells")));
        assert_eq!(rows(EXPORT, Category::Relative, &MAP).unwrap().len(), 1);
    }

    #[test]
    fn functions_told_or_meant() {
        let text = b"key,profile,uai,functions\n1,National_DIR,0590001A,\n2,Personnel,0590001A,0620002B$DOC\n3,National_ACA,,\n";
        let staff = rows(text, Category::Staff, &[]);
        let told: Vec<_> = staff
            .unwrap()
            .iter()
            .map(|row| {
                row.as_ref()
                    .ok()
                    .unwrap()
                    .values("ENTPersonFonctions")
                    .unwrap()
                    .to_vec()
            })
            .collect();
        assert_eq!(told, [["0590001A$DIR"], ["0620002B$DOC"], ["$INS"]]);
    }

    #[test]
    fn latin_9_and_a_delimiter_after_the_last_cell() {
        let text = b"key;profile;uai;\n1;\xc9l\xe8ve;0590001A;\n";
        assert_eq!(rows(text, Category::Student, &[]).unwrap().len(), 1);
    }

    #[test]
    fn a_file_without_the_columns_says_so_and_repeats_nothing_of_it() {
        let fault = rows(b"SECRETNAME;11;Student\n", Category::Student, &MAP)
            .err()
            .unwrap();
        assert!(
            fault.message.contains("no column `externalId`"),
            "{}",
            fault.message
        );
        assert!(fault.message.contains("hint:") && !fault.message.contains("SECRETNAME"));
        assert!(
            Columns::new([("login", "x")])
                .unwrap_err()
                .contains("hint: map key")
        );
    }
}
