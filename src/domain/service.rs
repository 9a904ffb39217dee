//! Services of the national measure's list, from URL prefixes and platform modules.

const DEFAULT: &str = include_str!("../data/services.csv");

/// Maps URL prefixes and platform modules to services.
#[derive(Clone, Debug)]
pub struct ServiceMap {
    rows: Vec<Row>,
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
        Ok(Self { rows })
    }

    /// The service of a path, by its first segment.
    pub fn of_path(&self, path: &str) -> &str {
        self.rows
            .iter()
            .find(|row| {
                path.strip_prefix(row.prefix.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
            .map_or(OTHER_SERVICE, |row| &row.service)
    }

    /// The service of a platform module, whatever its case.
    pub fn of_module(&self, module: &str) -> &str {
        let module = module.to_lowercase();
        self.rows
            .iter()
            .find(|row| row.module == module && !module.is_empty())
            .map_or(OTHER_SERVICE, |row| &row.service)
    }
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
        assert_eq!(map.of_path("/pad/123"), "production_collaborative");
        assert_eq!(map.of_path("/paddock"), OTHER_SERVICE);
        assert_eq!(map.of_path("/conversation"), "courrier_electronique");
        assert_eq!(map.of_module("Conversation"), "courrier_electronique");
        assert_eq!(map.of_module(""), OTHER_SERVICE);
    }

    #[test]
    fn a_bad_table_says_where() {
        let message = ServiceMap::parse("prefix,module,service\n/a,B\n").unwrap_err();
        assert!(message.starts_with("line 2"), "{message}");
    }
}
