//! The data inside a dashboard, read as anybody can who opens its file: tables of a few
//! columns in blocks of JSON, numbers in base 36.

use serde_json::Value;
use std::collections::BTreeMap;

/// A table of a dashboard.
#[derive(Clone, Debug)]
pub struct Board {
    /// `usage`, `places`, `region`...
    pub name: String,
    /// `2025-2026-S1`: which of the periods of the file.
    pub period: String,
    /// By name: the text of each row.
    pub dimensions: BTreeMap<String, Vec<String>>,
    /// By name: what each row says.
    pub measures: BTreeMap<String, Vec<Said>>,
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Said {
    /// A number, in the unit of the file.
    Number(f64),
    /// `s`
    Secret,
    /// Nothing, for another reason.
    Nothing,
}

/// The establishments of a dashboard.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// UAI, in the order of the file.
    pub uais: Vec<String>,
    /// Département, type and sector of each.
    pub kinds: Vec<[String; 3]>,
    /// The level of each type.
    pub levels: BTreeMap<String, String>,
    /// Of each, the groups that it is in: `ips Q1`, `priority REP`, `area rural`.
    pub groups: Vec<Vec<String>>,
}

/// Ways of grouping establishments that are no sector.
pub const GROUPINGS: [&str; 3] = ["area", "ips", "priority"];

/// The tables of a file and its establishments; none where it is no dashboard.
///
/// # Errors
/// A block that is not what a dashboard has, by its name.
pub fn read(html: &str) -> Result<Option<(Vec<Board>, Places)>, String> {
    let blocks = blocks(html)?;
    let (Some(facts), Some(places)) = (blocks.get("faits"), blocks.get("etablissements")) else {
        return Ok(None);
    };
    let places = establishments(places).ok_or("block `etablissements` is not a list")?;
    let periods: Vec<&str> = facts["periods"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|period| period["id"].as_str())
        .collect();
    let mut boards = Vec::new();
    for (id, value) in &blocks {
        let Some((name, number)) = id.rsplit_once('-') else {
            continue;
        };
        let period = number.parse().ok().and_then(|at: usize| periods.get(at));
        let Some(period) = period else { continue };
        let board = board(name, period, value, &places);
        boards.push(board.ok_or_else(|| format!("block `{id}` is not a table"))?);
    }
    Ok(Some((boards, places)))
}

fn blocks(html: &str) -> Result<BTreeMap<String, Value>, String> {
    const OPEN: &str = "<script type=\"application/json\" id=\"d-";
    let mut found = BTreeMap::new();
    for part in html.split(OPEN).skip(1) {
        let (id, rest) = part.split_once("\">").ok_or("a block without a name")?;
        let (text, _) = rest.split_once("</script>").ok_or("a block without end")?;
        let value = serde_json::from_str(text).map_err(|error| format!("block `{id}`: {error}"))?;
        found.insert(id.to_owned(), value);
    }
    Ok(found)
}

fn board(name: &str, period: &str, value: &Value, places: &Places) -> Option<Board> {
    let mut dimensions = BTreeMap::new();
    for (dimension, coded) in value["d"].as_object()? {
        let known: Vec<&str> = match dimension.as_str() {
            "uai" => places.uais.iter().map(String::as_str).collect(),
            _ => coded["v"]
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .collect(),
        };
        let codes = codes(coded)?.into_iter();
        let texts = codes.map(|code| known.get(code).map(|text| (*text).to_owned()));
        dimensions.insert(dimension.clone(), texts.collect::<Option<Vec<_>>>()?);
    }
    let mut measures = BTreeMap::new();
    for (measure, words) in value["m"].as_object()? {
        measures.insert(measure.clone(), said(words.as_str()?)?);
    }
    Some(Board {
        name: name.to_owned(),
        period: period.to_owned(),
        dimensions,
        measures,
    })
}

/// Codes one by one (`c`), or each with how often it comes (`r`).
fn codes(coded: &Value) -> Option<Vec<usize>> {
    let words = |text: &str| -> Option<Vec<usize>> {
        text.split_whitespace()
            .map(|word| usize::try_from(number(word)?).ok())
            .collect()
    };
    if let Some(text) = coded["c"].as_str() {
        return words(text);
    }
    let runs = words(coded["r"].as_str()?)?;
    let runs = runs.chunks(2).map(|run| match run {
        [code, times] => Some(vec![*code; *times]),
        _ => None,
    });
    Some(runs.collect::<Option<Vec<_>>>()?.concat())
}

fn said(words: &str) -> Option<Vec<Said>> {
    let mut found: Vec<Said> = Vec::new();
    for word in words.split_whitespace() {
        found.push(match word {
            "S" => Said::Secret,
            "N" | "D" => Said::Nothing,
            "=" => *found.last()?,
            word => Said::Number(number(word)? as f64),
        });
    }
    Some(found)
}

fn number(word: &str) -> Option<i64> {
    i64::from_str_radix(word, 36).ok()
}

/// Parallel lists, UAI among them; words may be codes of a dictionary.
fn establishments(value: &Value) -> Option<Places> {
    let uais = value["uai"].as_array()?;
    let uais: Vec<String> = uais
        .iter()
        .map(|uai| uai.as_str().map(str::to_owned))
        .collect::<Option<_>>()?;
    let texts = |name: &str| -> Option<Vec<String>> {
        let coded = &value["d"][name];
        let known = coded["v"].as_array()?;
        let codes = codes(coded)?.into_iter();
        codes
            .map(|code| Some(known.get(code)?.as_str()?.to_owned()))
            .collect()
    };
    let (departements, types) = (texts("departement")?, texts("type")?);
    let (sectors, levels) = (texts("sector")?, texts("level")?);
    let kinds = departements.iter().zip(&types).zip(&sectors);
    let ways = GROUPINGS.map(|way| (way, texts(way).unwrap_or_default()));
    let groups = (0..uais.len()).map(|place| {
        let of_ways = ways
            .iter()
            .filter_map(|(way, of)| Some((way, of.get(place)?)));
        let named = of_ways.filter(|(_, group)| !group.is_empty());
        named.map(|(way, group)| format!("{way} {group}")).collect()
    });
    Some(Places {
        groups: groups.collect(),
        kinds: kinds
            .map(|((d, kind), sector)| [d.clone(), kind.clone(), sector.clone()])
            .collect(),
        levels: types.into_iter().zip(levels).collect(),
        uais,
    })
}
