//! Nothing that names or follows a person gets past the door.

use crate::fixture::{is_kept_table, observatory, run, stderr, stdout, tree};
use entobs::privacy::kept;
use std::fs;

/// What stands in the raw inputs about people: ids of the directory and of
/// the platform, names, addresses, agents, query strings, sessions, titles.
const TRACES: [&str; 13] = [
    "lille-2",
    "amiens-2",
    "NOMFICTIF",
    "PRENOMFICTIF",
    "198.18.",
    "10.0.0.",
    "192.0.2.",
    "Mozilla",
    "?ts=",
    "callback",
    "synthetic-session",
    "Objet fictif ",
    "01/01/2012",
];

fn platform_ids() -> Vec<String> {
    let exports = fs::read_dir(observatory().root.join("entrees/comptes")).unwrap();
    let texts = exports.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let ids = texts.flat_map(|text| {
        let lines = text
            .lines()
            .skip(1)
            .map(|l| l.split(';').next().unwrap().to_owned());
        lines.collect::<Vec<_>>()
    });
    ids.collect()
}

fn assert_clean(place: &str, text: &str, ids: &[String]) {
    for trace in TRACES {
        assert!(!text.contains(trace), "{place} holds `{trace}`");
    }
    for id in ids {
        assert!(
            !text.contains(id.as_str()),
            "{place} holds the platform id of an account"
        );
    }
}

#[test]
fn the_traces_are_in_the_inputs() {
    let log = observatory()
        .root
        .join("entrees/acces/fe1/access-20250902.log.gz");
    let mut text = String::new();
    let gzipped = fs::read(log).unwrap();
    std::io::Read::read_to_string(
        &mut flate2::read::MultiGzDecoder::new(&gzipped[..]),
        &mut text,
    )
    .unwrap();
    for trace in ["lille-2", "198.18.", "Mozilla", "?ts="] {
        assert!(
            text.contains(trace),
            "`{trace}`: a scan for it would prove nothing"
        );
    }
    assert!(platform_ids().len() > 500);
}

#[test]
fn no_table_of_the_lake_holds_personal_data() {
    let ids = platform_ids();
    let lake = observatory().path("lac");
    let tables = observatory()
        .sql("select table_name from information_schema.tables where table_schema = 'public'");
    assert!(tables.len() >= 12, "{tables:?}");
    for table in tables {
        let name = table["table_name"].as_str().unwrap();
        let sql = format!("select * from {name}");
        let output = run(&["sql", &sql, "--lake", &lake, "--output", "csv"]);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert_clean(&format!("table `{name}`"), &stdout(&output), &ids);
    }
}

#[test]
fn no_file_that_is_written_holds_personal_data() {
    let ids = platform_ids();
    let mut tables = 0;
    for part in ["lac", "sorties"] {
        for (name, bytes) in tree(&observatory().root.join(part)) {
            assert_clean(&name, &String::from_utf8_lossy(&bytes), &ids);
            if is_kept_table(&name) {
                let table = kept::read(&bytes).expect("a table that was kept");
                let cells: Vec<_> = table.rows().map(|row| row.cells().to_vec()).collect();
                assert_clean(&name, &format!("{cells:?}"), &ids);
                tables += 1;
            }
        }
    }
    assert!(tables > 100, "{tables} kept tables");
    assert_clean("standard error", &stderr(&observatory().run), &ids);
    assert_clean("standard output", &stdout(&observatory().run), &ids);
}

#[test]
fn the_columns_of_the_lake_are_those_allowed() {
    let sql = "select table_name, column_name from information_schema.columns \
               where table_schema = 'public' order by table_name, column_name";
    let columns = observatory().sql(sql);
    let of = |table: &str| -> Vec<String> {
        let rows = columns.iter().filter(|row| row["table_name"] == table);
        rows.map(|row| row["column_name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        of("requests"),
        [
            "account",
            "day",
            "device",
            "duration_us",
            "front_end",
            "kind",
            "line_hash",
            "school_year",
            "service",
            "status",
            "time"
        ]
    );
    assert_eq!(
        of("accounts"),
        [
            "account",
            "category",
            "change",
            "feed",
            "profile",
            "role",
            "school_year",
            "snapshot",
            "source"
        ]
    );
    assert_eq!(
        of("kinships"),
        [
            "account",
            "feed",
            "parent",
            "school_year",
            "snapshot",
            "source"
        ]
    );
    let tickets = of("tickets");
    for free_text in ["title", "subject", "requester", "description"] {
        assert!(!tickets.contains(&free_text.to_owned()), "{tickets:?}");
    }
}

#[test]
fn small_cells_are_secret_in_every_form() {
    let rows = observatory().query("usage", &[]);
    let mut secret = 0;
    for row in &rows {
        for column in ["loaded_accounts", "activated_accounts", "visitors"] {
            match row[column].as_i64() {
                Some(number) => assert!(number == 0 || number >= 5, "{row}"),
                None => secret += 1,
            }
        }
        if row["visitors"] == "s" {
            assert_eq!(
                (&row["visits"], &row["page_views"]),
                (&"s".into(), &"s".into()),
                "{row}"
            );
        }
    }
    assert!(
        secret > 20,
        "{secret} secret cells: too few to prove anything"
    );
}
