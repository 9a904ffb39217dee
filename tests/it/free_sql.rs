//! `entobs sql`: the examples of the analysts' page, what it refuses, its memory.

use crate::fixture::{observatory, run, stderr, stdout};

fn sql(text: &str, options: &[&str]) -> std::process::Output {
    let lake = observatory().path("lac");
    let mut arguments = vec!["sql", text, "--lake", &lake];
    arguments.extend(options);
    run(&arguments)
}

#[test]
fn the_examples_of_the_page_give_rows() {
    let page = include_str!("../../docs/sql-analyste.md");
    let examples: Vec<&str> = page
        .split("```sql\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(examples.len() >= 10, "{}", examples.len());
    for example in examples {
        let output = sql(example, &["--output", "csv"]);
        assert!(output.status.success(), "{example}: {}", stderr(&output));
        // Every establishment of the small world may have been visited.
        let least = if example.contains("is null") { 1 } else { 2 };
        assert!(stdout(&output).lines().count() >= least, "{example}");
    }
}

#[test]
fn both_ways_to_count_people_agree() {
    let scan = sql(
        "select count(distinct account) as n from visits",
        &["--output", "csv"],
    );
    let sets = sql(
        "select people_count(people) as n from day_sets",
        &["--output", "csv"],
    );
    assert_eq!(stdout(&scan), stdout(&sets));
    assert!(
        stdout(&scan)
            .lines()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 100
    );
}

#[test]
fn only_reading_is_allowed() {
    for text in [
        "drop table visits",
        "create table t as select 1",
        "delete from visits",
    ] {
        let output = sql(text, &[]);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(stderr(&output).contains("hint:"), "{}", stderr(&output));
    }
}

#[test]
fn little_memory_spills_and_gives_the_same() {
    let text = "select account, time, count(*) as n from requests group by account, time order by n desc, account, time limit 3";
    let wide = sql(text, &["--output", "csv"]);
    let narrow = sql(text, &["--output", "csv", "--memory", "16"]);
    assert!(narrow.status.success(), "{}", stderr(&narrow));
    assert_eq!(stdout(&wide), stdout(&narrow));
}

#[test]
fn the_catalogue_tells_formula_and_grain() {
    let list = run(&["indicators", "list"]);
    assert!(
        stdout(&list).contains("frequency_classes"),
        "{}",
        stdout(&list)
    );
    let show = run(&["indicators", "show", "frequency_classes"]);
    for part in ["formule", "grain", "depuis", "requêtes", "frequency"] {
        assert!(stdout(&show).contains(part), "{part}: {}", stdout(&show));
    }
    let json = run(&["indicators", "show", "visits", "--json"]);
    let object: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        (&object["id"], &object["since"]),
        (&"visits".into(), &"2024-08-01".into())
    );
    let wrong = run(&["indicators", "show", "visit"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        stderr(&wrong).contains("did you mean"),
        "{}",
        stderr(&wrong)
    );
}
