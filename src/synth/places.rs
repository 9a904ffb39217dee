//! Communes (real names, codes and about their coordinates) and invented names of schools.

/// A commune.
pub(super) struct Place {
    pub departement: &'static str,
    pub insee: &'static str,
    pub name: &'static str,
    pub latitude: f64,
    pub longitude: f64,
    pub area: &'static str,
}

const fn place(
    insee: &'static str,
    name: &'static str,
    latitude: f64,
    longitude: f64,
    area: &'static str,
) -> Place {
    let (departement, _) = insee.split_at(2);
    Place {
        departement,
        insee,
        name,
        latitude,
        longitude,
        area,
    }
}

const URBAN: &str = "urbain";
const RURAL: &str = "rural";

pub(super) const PLACES: [Place; 42] = [
    place("59350", "Lille", 50.63, 3.06, URBAN),
    place("59512", "Roubaix", 50.69, 3.17, URBAN),
    place("59599", "Tourcoing", 50.72, 3.16, URBAN),
    place("59183", "Dunkerque", 51.03, 2.38, URBAN),
    place("59606", "Valenciennes", 50.36, 3.52, URBAN),
    place("59178", "Douai", 50.37, 3.08, URBAN),
    place("59392", "Maubeuge", 50.28, 3.97, URBAN),
    place("59122", "Cambrai", 50.18, 3.24, URBAN),
    place("59295", "Hazebrouck", 50.72, 2.54, RURAL),
    place("59136", "Le Cateau-Cambrésis", 50.10, 3.54, RURAL),
    place("59043", "Bailleul", 50.74, 2.73, RURAL),
    place("59036", "Avesnes-sur-Helpe", 50.12, 3.93, RURAL),
    place("62041", "Arras", 50.29, 2.78, URBAN),
    place("62193", "Calais", 50.95, 1.86, URBAN),
    place("62160", "Boulogne-sur-Mer", 50.73, 1.61, URBAN),
    place("62498", "Lens", 50.43, 2.83, URBAN),
    place("62119", "Béthune", 50.53, 2.64, URBAN),
    place("62765", "Saint-Omer", 50.75, 2.26, URBAN),
    place("62588", "Montreuil", 50.46, 1.76, RURAL),
    place("62767", "Saint-Pol-sur-Ternoise", 50.38, 2.34, RURAL),
    place("62447", "Hesdin", 50.37, 2.04, RURAL),
    place("60057", "Beauvais", 49.43, 2.08, URBAN),
    place("60159", "Compiègne", 49.42, 2.83, URBAN),
    place("60175", "Creil", 49.26, 2.48, URBAN),
    place("60471", "Noyon", 49.58, 3.00, RURAL),
    place("60157", "Clermont", 49.38, 2.41, RURAL),
    place("60176", "Crépy-en-Valois", 49.23, 2.89, RURAL),
    place("80021", "Amiens", 49.89, 2.30, URBAN),
    place("80001", "Abbeville", 50.11, 1.83, URBAN),
    place("80620", "Péronne", 49.93, 2.93, RURAL),
    place("80016", "Albert", 50.00, 2.65, RURAL),
    place("80253", "Doullens", 50.16, 2.34, RURAL),
    place("80561", "Montdidier", 49.65, 2.57, RURAL),
    place("80212", "Corbie", 49.91, 2.51, RURAL),
    place("02408", "Laon", 49.56, 3.62, URBAN),
    place("02691", "Saint-Quentin", 49.85, 3.29, URBAN),
    place("02722", "Soissons", 49.38, 3.32, URBAN),
    place("02168", "Château-Thierry", 49.05, 3.40, URBAN),
    place("02361", "Guise", 49.90, 3.63, RURAL),
    place("02381", "Hirson", 49.92, 4.08, RURAL),
    place("02789", "Vervins", 49.83, 3.91, RURAL),
    place("02738", "Tergnier", 49.66, 3.30, RURAL),
];

pub(super) const NAMES: [&str; 24] = [
    "Jean Jaurès",
    "Louise Michel",
    "Jules Ferry",
    "Simone Veil",
    "Victor Hugo",
    "Marie Curie",
    "Jacques Prévert",
    "Louis Pasteur",
    "Joséphine Baker",
    "Robert Desnos",
    "Paul Éluard",
    "Anne Frank",
    "Albert Camus",
    "Condorcet",
    "Jean Moulin",
    "Lucie Aubrac",
    "Émile Zola",
    "George Sand",
    "Aimé Césaire",
    "Germaine Tillion",
    "Jean Rostand",
    "Olympe de Gouges",
    "Charles Péguy",
    "Antoine de Saint-Exupéry",
];
