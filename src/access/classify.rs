//! What a request means for usage, by rules that are data (`src/data/classification.csv`).

use super::line::{AccessLine, RequestKind};
use crate::domain::{ServiceId, ServiceMap};
use crate::memo::Memo;

const DEFAULT: &str = include_str!("../data/classification.csv");

/// What a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestClass {
    /// A person looked at a page or module.
    Page,
    /// A person did something (POST, PUT, DELETE...).
    Action,
    /// The way to the account.
    Login,
    /// A page's own parts.
    Static,
    /// Sent by a page on its own.
    Polling,
    /// A search engine, a script.
    Robot,
    /// Monitoring.
    Probe,
    /// Not answered well (4xx, 5xx), or no HTTP request at all.
    Error,
}

impl RequestClass {
    /// The word in the lake.
    pub fn code(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Action => "action",
            Self::Login => "login",
            Self::Static => "static",
            Self::Polling => "polling",
            Self::Robot => "robot",
            Self::Probe => "probe",
            Self::Error => "error",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        [
            Self::Login,
            Self::Static,
            Self::Polling,
            Self::Robot,
            Self::Probe,
        ]
        .into_iter()
        .find(|class| class.code() == code)
    }
}

/// The rules of classification: data, with a version.
#[derive(Clone, Debug)]
pub struct Rules {
    version: String,
    agents: Vec<Rule>,
    prefixes: ByByte,
    suffixes: ByByte,
    labels: Vec<String>,
    services: ServiceMap,
}

/// Rules by a byte that their pattern has at a place: few are worth comparing.
#[derive(Clone, Debug)]
struct ByByte(Vec<Vec<Rule>>);

impl ByByte {
    fn new() -> Self {
        Self(vec![Vec::new(); 256])
    }

    /// A pattern that has no byte at the place is worth comparing everywhere.
    fn add(&mut self, byte: Option<&u8>, rule: &Rule) {
        match byte {
            Some(byte) => self.0[usize::from(*byte)].push(rule.clone()),
            None => self.0.iter_mut().for_each(|rules| rules.push(rule.clone())),
        }
    }

    /// The first rule that fits, among those with this byte.
    fn first(&self, byte: Option<&u8>, fits: impl Fn(&[u8]) -> bool) -> Option<&Rule> {
        let rules = &self.0[usize::from(*byte?)];
        rules.iter().find(|rule| fits(rule.pattern.as_bytes()))
    }
}

#[derive(Clone, Debug)]
struct Rule {
    class: RequestClass,
    pattern: String,
    id: RuleId,
}

/// The rule that decided, by its place in [`Rules::labels`].
pub type RuleId = u16;

/// What is decided without a row of the table, in the order of their ids.
const BUILT_IN: [(&str, RequestClass); 5] = [
    ("no request", RequestClass::Error),
    ("status", RequestClass::Error),
    ("read", RequestClass::Page),
    ("write", RequestClass::Action),
    ("other method or status", RequestClass::Static),
];
const NO_REQUEST: RuleId = 0;
const STATUS: RuleId = 1;
const READ: RuleId = 2;
const WRITE: RuleId = 3;
const OTHER: RuleId = 4;

impl Rules {
    /// The built-in rules with a map of services.
    pub fn built_in(services: ServiceMap) -> Self {
        Self::parse(DEFAULT, services).expect("the built-in rules are right")
    }

    /// Reads `rule,kind,pattern` rows after a line `# version ...` and a header;
    /// the error says the line. Rules are `agent` (part of the agent, lower
    /// case), `path-prefix` and `path-suffix`; the first that fits decides.
    pub fn parse(text: &str, services: ServiceMap) -> Result<Self, String> {
        let first = text.lines().next().unwrap_or_default();
        let version = first.strip_prefix("# version ").ok_or(
            "line 1: no version\nhint: begin with `# version 2026-11`, and change it with the rules",
        )?;
        let mut rules = Self {
            version: version.trim().to_owned(),
            agents: Vec::new(),
            prefixes: ByByte::new(),
            suffixes: ByByte::new(),
            labels: BUILT_IN.iter().map(|(name, _)| (*name).into()).collect(),
            services,
        };
        for (number, line) in text.lines().enumerate().skip(2) {
            let row = rules.row(line);
            row.map_err(|message| format!("line {}: {message}", number + 1))?;
        }
        Ok(rules)
    }

    fn row(&mut self, line: &str) -> Result<(), String> {
        let cells: Vec<&str> = line.splitn(3, ',').collect();
        let [rule, class, pattern] = cells[..] else {
            return Err(format!("three columns expected, {} found", cells.len()));
        };
        let class = RequestClass::parse(class).ok_or_else(|| format!("unknown kind `{class}`"))?;
        let id = RuleId::try_from(self.labels.len()).map_err(|_| "too many rules")?;
        let made = Rule {
            class,
            pattern: pattern.to_owned(),
            id,
        };
        let bytes = pattern.as_bytes();
        match rule {
            "agent" => self.agents.push(made),
            "path-prefix" => self.prefixes.add(bytes.get(1), &made),
            "path-suffix" => self.suffixes.add(bytes.last(), &made),
            _ => return Err(format!("unknown rule `{rule}`")),
        }
        self.labels.push(format!("{rule} {pattern}"));
        Ok(())
    }

    /// The version of the rules.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The names of the rules, by their ids.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The map of services.
    pub fn services(&self) -> &ServiceMap {
        &self.services
    }

    fn of_path(&self, path: &[u8]) -> Option<&Rule> {
        // A path of one byte is `/`, which only a pattern of one byte begins.
        let second = path.get(1).or(path.first());
        let prefix = self
            .prefixes
            .first(second, |pattern| path.starts_with(pattern));
        prefix.or_else(|| {
            let last = path.last();
            self.suffixes.first(last, |pattern| path.ends_with(pattern))
        })
    }
}

/// Classifies the requests of one log.
pub struct Classifier<'r> {
    rules: &'r Rules,
    /// What was said of an agent: a log names few, in every line.
    agents: Memo<Agent>,
}

#[derive(Clone, Copy)]
struct Agent {
    decided: Option<(RequestClass, RuleId)>,
    device: &'static str,
}

/// What classification says of a request.
#[derive(Clone, Copy, Debug)]
pub struct Classified {
    /// What it is.
    pub class: RequestClass,
    /// The rule that says so.
    pub rule: RuleId,
    /// The service it went to.
    pub service: ServiceId,
    /// `computer`, `smartphone`, `tablet`, `app` or `unknown`.
    pub device: &'static str,
}

impl<'r> Classifier<'r> {
    /// A classifier by these rules.
    pub fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            agents: Memo::with_bits(12),
        }
    }

    /// Classifies one request. A signed-in request is a person's, whatever
    /// tool its agent names, unless it is monitoring.
    pub fn classify(&mut self, line: &AccessLine<'_>) -> Classified {
        let rules = self.rules;
        let agent = line.user_agent.as_deref().unwrap_or_default();
        let agent = self.agents.get_or(agent, || about(rules, agent));
        let path = line.path.as_deref().unwrap_or_default();
        let (class, rule) = self.decide(line, agent.decided, path);
        Classified {
            class,
            rule,
            service: rules.services.of_path(path),
            device: agent.device,
        }
    }

    fn decide(
        &self,
        line: &AccessLine<'_>,
        by_agent: Option<(RequestClass, RuleId)>,
        path: &[u8],
    ) -> (RequestClass, RuleId) {
        let by_path = self.rules.of_path(path).map(|rule| (rule.class, rule.id));
        let probe = |found: &(RequestClass, RuleId)| found.0 == RequestClass::Probe;
        if let Some(found) = by_agent.filter(probe).or(by_path.filter(probe)) {
            return found;
        }
        if let (Some(found), None) = (by_agent, &line.user) {
            return found;
        }
        if line.request_kind != RequestKind::Http {
            return built_in(NO_REQUEST);
        }
        if !matches!(line.status, None | Some(200..=399)) {
            return built_in(STATUS);
        }
        by_path.unwrap_or_else(|| match (line.method.as_deref(), line.status) {
            (Some(b"GET"), None | Some(200..=299 | 304)) => built_in(READ),
            (Some(b"POST" | b"PUT" | b"DELETE" | b"PATCH"), _) => built_in(WRITE),
            _ => built_in(OTHER),
        })
    }
}

fn built_in(id: RuleId) -> (RequestClass, RuleId) {
    (BUILT_IN[usize::from(id)].1, id)
}

fn about(rules: &Rules, agent: &[u8]) -> Agent {
    let text = String::from_utf8_lossy(agent).to_lowercase();
    let mut found = rules.agents.iter();
    let found = found.find(|rule| text.contains(&rule.pattern));
    Agent {
        decided: found.map(|rule| (rule.class, rule.id)),
        device: device(&text),
    }
}

fn device(agent: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| agent.contains(word));
    if has(&["okhttp", "cfnetwork", "dart/", "dart:io", "appe/"]) {
        "app"
    } else if has(&["ipad", "tablet"]) || (has(&["android"]) && !has(&["mobile"])) {
        "tablet"
    } else if has(&["iphone", "android", "mobile"]) {
        "smartphone"
    } else if has(&["windows nt", "macintosh", "x11;", "cros "]) {
        "computer"
    } else {
        "unknown"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{LogFormat, line};

    const FORMAT: &str =
        r#"$remote_addr $remote_user [$time_local] "$request" $status "$http_user_agent""#;

    fn class(user: &str, request: &str, status: u16, agent: &str) -> (&'static str, &'static str) {
        let format = LogFormat::compile(FORMAT).unwrap();
        let text = format!(
            r#"192.0.2.1 {user} [03/Nov/2025:08:00:00 +0100] "{request}" {status} "{agent}""#
        );
        let line = line::read(&format, text.as_bytes()).ok().unwrap();
        let rules = Rules::built_in(ServiceMap::default_map());
        let found = Classifier::new(&rules).classify(&line);
        assert!(usize::from(found.rule) < rules.labels().len());
        (found.class.code(), found.device)
    }

    #[test]
    fn people_and_machines() {
        let windows = "Mozilla/5.0 (Windows NT 10.0)";
        let get = "GET /conversation/inbox HTTP/2.0";
        assert_eq!(class("u1", get, 200, windows), ("page", "computer"));
        assert_eq!(class("u1", get, 200, "okhttp/4.9"), ("page", "app"));
        assert_eq!(
            class("u1", get, 200, "python-requests/2.2"),
            ("page", "unknown")
        );
        assert_eq!(class("-", get, 200, "python-requests/2.2").0, "robot");
        assert_eq!(class("-", get, 200, "Zabbix").0, "probe");
        assert_eq!(class("-", "GET /healthcheck HTTP/1.1", 200, "x").0, "probe");
        assert_eq!(class("u1", get, 503, windows).0, "error");
        assert_eq!(
            class("u1", "GET /assets/a.js HTTP/2.0", 200, windows).0,
            "static"
        );
        assert_eq!(
            class("u1", "GET /conversation/count/INBOX HTTP/2.0", 200, windows).0,
            "polling"
        );
        assert_eq!(
            class("u1", "POST /conversation/send HTTP/2.0", 201, windows).0,
            "action"
        );
        assert_eq!(
            class("u1", "GET /auth/login HTTP/2.0", 302, windows).0,
            "login"
        );
        assert_eq!(class("-", "hello", 400, "-").0, "error");
    }

    #[test]
    fn a_bad_table_says_where() {
        let message = |text: &str| {
            let rules = Rules::parse(text, ServiceMap::default_map());
            rules.err().unwrap()
        };
        assert!(message("rule,kind,pattern\n").starts_with("line 1: no version"));
        let start = "# version 1\nrule,kind,pattern\nagent,robot,x\n";
        assert!(message(&format!("{start}agent,person,x")).starts_with("line 4: unknown kind"));
        assert!(message(&format!("{start}host,robot,x")).starts_with("line 4: unknown rule"));
    }

    #[test]
    fn devices() {
        assert_eq!(
            device("mozilla/5.0 (linux; android 13; sm-a135f) mobile safari"),
            "smartphone"
        );
        assert_eq!(
            device("mozilla/5.0 (linux; android 13; sm-t500) safari"),
            "tablet"
        );
        assert_eq!(device("mozilla/5.0 (ipad; cpu os 17_0)"), "tablet");
        assert_eq!(device(""), "unknown");
    }
}
