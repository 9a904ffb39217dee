//! Registers as analysts keep them.

use super::plan::Planted;
use super::world::World;
use super::{Request, write_file};
use crate::domain::DEFAULT_PARTNERS;
use std::path::Path;

const ACTIONS: &str =
    "id;date;type;public;degre;departement;heures;participants;etablissements;bilan
A1;2024-09-25;Formation;Enseignants;2D;59;6;24;;Prise en main du cahier de textes
A2;2024-10-09;Webinaire;Personnels de direction;2D;62;2;41;;Pilotage des usages
A3;2025-01-22;Atelier;Enseignants;1D;80;3;18;;Cahier de liaison avec les familles
A4;2025-10-01;Formation;Enseignants;1D;59;6;32;{concerned};Blog de classe et droit à l’image
A5;2025-11-12;Webinaire;Parents;1D;60;1;57;;Première connexion des familles
A6;2025-12-03;Atelier;Enseignants;2D;02;3;15;;Évaluer avec les parcours pédagogiques
A7;2026-01-14;Formation;Référents numériques;2D;80;6;22;;Accompagner les équipes
";

const PROPOSALS: &str = "id;intitule;etat;date;porteur
P1;Ouvrir l’assistance aux parents jusqu’à 19 h en septembre;validée;2025-06-12;Région académique
P5;Publier chaque semestre la disponibilité de la connexion;examinée;2025-05-22;Conseil départemental du Nord
P2;Diffuser un guide de première connexion pour les familles;réalisée;2025-09-15;Région Hauts-de-France
P3;Mesurer la disponibilité de la fédération à 8 h chaque jour;examinée;2025-11-20;Région académique
P4;Rapprocher les usages des écoles rurales et urbaines;proposée;2026-01-20;Somme Numérique
";

const ROADMAP: &str = "id;axe;action;echeance;responsable;etat;annee
F1;Familles;Campagne d’activation des comptes parents dans les écoles;octobre 2025;Région académique;à lancer;2025-2026
F2;Qualité de service;Test de charge de la connexion avant la rentrée;août 2025;Région Hauts-de-France;engagée;2025-2026
F3;Accompagnement;Un référent numérique formé par circonscription;décembre 2025;Région académique;engagée;2025-2026
F4;Équité;Suivi des usages en éducation prioritaire;juin 2026;Observatoire;à lancer;2025-2026
F5;Assistance;Indicateur commun de délai pour tous les guichets;mars 2026;Partenaires;à lancer;2025-2026
F6;Familles;Application mobile présentée aux parents d’élèves;novembre 2026;Région académique;à lancer;2026-2027
";

const MEETINGS: &str = "id;instance;date;participants
R1;Observatoire;2024-11-21;18
R2;Comité de coordination;2024-12-12;14
R3;Comité de coordination;2025-03-18;15
R4;COSTRA;2025-06-12;26
R5;Observatoire;2025-11-20;19
R6;Comité de coordination;2025-12-11;13
R7;Observatoire;2026-03-19;17
R8;Bulletin d’assistance;2025-01-30;12
R9;Bulletin d’assistance;2026-02-05;12
";

const CRISES: &str = "id;debut;fin;profils;decision;motif
C1;2025-09-02T08:45;2025-09-02T17:30;parents;Accès des parents suspendu pendant le temps scolaire;Saturation de la rentrée
";

const SURVEYS: &str = "id;enquete;debut;fin;profil;question;reponse;effectif;repondants;sollicites
E1;Baromètre 2025;2025-11-03;2025-11-21;enseignants;Utilisez-vous l’ENT chaque semaine ?;oui;312;405;1200
E2;Baromètre 2025;2025-11-03;2025-11-21;parents;Utilisez-vous l’ENT chaque semaine ?;oui;188;410;3000
";

const COMMUNICATIONS: &str = "id;emetteur;debut;fin;profils;etablissements;objet
M1;region-academique;2025-09-08;2025-09-19;parents eleves;;Activer son compte
M2;region;2025-11-03;2025-11-14;eleves;;Concours des lycéens
M3;departement-59;2026-01-05;2026-01-16;parents;;Bourses départementales
";

const PRACTICES: &str = "id;date;intitule;degre;description
B1;2025-10-10;Cahier de liaison hebdomadaire le vendredi;1D;Un message par semaine, lu par neuf familles sur dix
B2;2026-01-15;Rendez-vous parents-professeurs par la messagerie;2D;Créneaux proposés et confirmés en ligne
";

/// The signatories, one of which joined later.
fn partners(planted: &Planted) -> String {
    let (partner, day) = planted.joining;
    let (before, own) = DEFAULT_PARTNERS
        .split_once(&format!("id = \"{partner}\""))
        .expect("one of the signatories");
    let own = own.replacen("from = 2021-08-01", &format!("from = {day}"), 1);
    format!("{before}id = \"{partner}\"{own}")
}

/// One action names its schools.
fn actions(world: &World) -> String {
    let uais = world
        .schools_of_action()
        .map(|school| world.schools[school].uai.to_string());
    ACTIONS.replace("{concerned}", &uais.collect::<Vec<_>>().join(" "))
}

pub(super) fn write(
    world: &World,
    planted: &Planted,
    request: &Request,
    out: &Path,
) -> Result<(), String> {
    let actions = actions(world);
    let stamp = |t: chrono::NaiveDateTime| t.format("%Y-%m-%dT%H:%M").to_string();
    let mut incidents = String::from("id;nature;perimetre;debut;fin;cause\n");
    let mut bad = String::from("id;source;debut;fin;motif\n");
    let inside = |day: chrono::NaiveDate| (request.from..=request.to).contains(&day);
    if inside(planted.saturation.0.date()) {
        incidents.push_str(&format!(
            "I1;incident;ENT;{};{};Saturation de la rentrée\n",
            stamp(planted.saturation.0),
            stamp(planted.saturation.1)
        ));
        incidents.push_str(
            "I2;maintenance;ENT;2025-10-25T06:00;2025-10-25T08:00;Mise à jour de la plateforme\n",
        );
    }
    if inside(planted.known_bad.0) {
        bad.push_str(&format!(
            "K1;access;{};{};Une ligne de journal sur deux a été perdue\n",
            planted.known_bad.0, planted.known_bad.1
        ));
    }
    write_file(&out.join("partenaires.toml"), partners(planted).as_bytes())?;
    for (name, text) in [
        ("incidents", incidents.as_str()),
        ("periodes-erronees", bad.as_str()),
        ("actions", &actions),
        ("propositions", PROPOSALS),
        ("feuille-de-route", ROADMAP),
        ("reunions", MEETINGS),
        ("bonnes-pratiques", PRACTICES),
        ("decisions-de-crise", CRISES),
        ("enquetes", SURVEYS),
        ("communications", COMMUNICATIONS),
    ] {
        write_file(
            &out.join("registres").join(format!("{name}.csv")),
            text.as_bytes(),
        )?;
    }
    Ok(())
}
