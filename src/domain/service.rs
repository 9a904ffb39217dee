//! Services of the national measure's list, from URL prefixes and platform modules.

use rustc_hash::FxHashMap;

const DEFAULT: &str = include_str!("../data/services.csv");

/// Maps URL prefixes and platform modules to services.
#[derive(Clone, Debug)]
pub struct ServiceMap {
    rows: Vec<Row>,
    /// Rows by the first segment of their prefix, in the order of the table.
    by_segment: FxHashMap<Vec<u8>, Vec<usize>>,
}

/// A service in a map: its row, none for what no row maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceId(Option<u16>);

impl ServiceId {
    /// The service of what no row maps.
    pub const OTHER: Self = Self(None);
}

#[derive(Clone, Debug)]
struct Row {
    prefix: String,
    module: String,
    service: String,
}

/// The service of what no row maps.
pub const OTHER_SERVICE: &str = "autre";

impl ServiceMap {
    /// The built-in table.
    pub fn default_map() -> Self {
        Self::parse(DEFAULT).expect("the built-in table is right")
    }

    /// Reads `prefix,module,service` rows after a header; the error says the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rows = Vec::new();
        for (number, line) in text.lines().enumerate().skip(1) {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let [prefix, module, service] = cells[..] else {
                return Err(format!(
                    "line {}: three columns expected, {} found",
                    number + 1,
                    cells.len()
                ));
            };
            rows.push(Row {
                prefix: prefix.into(),
                module: module.to_lowercase(),
                service: service.into(),
            });
        }
        if rows.len() > usize::from(u16::MAX) {
            return Err(format!("{} rows are too many", rows.len()));
        }
        let mut by_segment: FxHashMap<_, Vec<usize>> = FxHashMap::default();
        for (number, row) in rows.iter().enumerate() {
            let segment = first_segment(row.prefix.as_bytes()).to_vec();
            by_segment.entry(segment).or_default().push(number);
        }
        Ok(Self { rows, by_segment })
    }

    /// The service of a path, by its first segments, whole.
    pub fn of_path(&self, path: &[u8]) -> ServiceId {
        let candidates = self.by_segment.get(first_segment(path));
        let fits = |number: &&usize| {
            let rest = path.strip_prefix(self.rows[**number].prefix.as_bytes());
            rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
        };
        let found = candidates.and_then(|rows| rows.iter().find(fits));
        ServiceId(found.map(|number| *number as u16))
    }

    /// The code of a service that this map gave.
    pub fn code(&self, service: ServiceId) -> &str {
        service
            .0
            .map_or(OTHER_SERVICE, |row| &self.rows[usize::from(row)].service)
    }

    /// The service of a platform module, whatever its case.
    pub fn of_module(&self, module: &str) -> &str {
        self.maps_module(module).unwrap_or(OTHER_SERVICE)
    }

    /// The service of a platform module that the table has.
    pub fn maps_module(&self, module: &str) -> Option<&str> {
        let module = module.to_lowercase();
        let row = self.rows.iter().find(|row| row.module == module);
        row.filter(|_| !module.is_empty())
            .map(|row| row.service.as_str())
    }
}

/// What stands between the first slash of a path and the next.
pub fn first_segment(path: &[u8]) -> &[u8] {
    let rest = path.strip_prefix(b"/").unwrap_or(path);
    let end = rest.iter().position(|b| *b == b'/');
    &rest[..end.unwrap_or(rest.len())]
}

/// What a reader sees for a service, in French.
pub fn service_label(code: &str) -> &str {
    match code {
        "accueil" => "Accueil",
        "actualites" => "Actualités",
        "authentification" => "Authentification",
        "courrier_electronique" => "Messagerie",
        "cahier_textes" => "Cahier de textes",
        "cahier_liaison" => "Cahier de liaison",
        "stockage_partage" => "Stockage et partage",
        "production_collaborative" => "Production collaborative",
        "absences" => "Absences",
        "gestion_temps" => "Emploi du temps",
        "notes" => "Notes et compétences",
        "services_vie_scolaire" => "Vie scolaire",
        "parcours_pedagogique" => "Parcours pédagogiques",
        "ressource_documentaire" => "Ressources documentaires",
        "reservation_salles_materiels" => "Réservation de salles",
        "administration" => "Administration",
        "autre" => "Autres pages",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_segments_only() {
        let map = ServiceMap::default_map();
        let of_path = |path: &str| map.code(map.of_path(path.as_bytes()));
        assert_eq!(of_path("/pad/123"), "production_collaborative");
        assert_eq!(of_path("/paddock"), OTHER_SERVICE);
        assert_eq!(of_path("/"), OTHER_SERVICE);
        assert_eq!(of_path("/conversation"), "courrier_electronique");
        assert_eq!(map.of_module("Conversation"), "courrier_electronique");
        assert_eq!(map.of_module(""), OTHER_SERVICE);
    }

    #[test]
    fn the_first_row_that_fits_decides() {
        let map = ServiceMap::parse("prefix,module,service\n/a/b,,one\n/a,,two\n").unwrap();
        let of_path = |path: &str| map.code(map.of_path(path.as_bytes()));
        assert_eq!(
            ["/a/b/c", "/a/bc", "/a"].map(of_path),
            ["one", "two", "two"]
        );
    }

    #[test]
    fn a_bad_table_says_where() {
        let message = ServiceMap::parse("prefix,module,service\n/a,B\n").unwrap_err();
        assert!(message.starts_with("line 2"), "{message}");
    }
}
