//! What a request means for usage, by rules that are data (`src/data/classification.csv`).

use super::line::{AccessLine, RequestKind};
use crate::domain::ServiceMap;
use std::collections::HashMap;

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

/// How many agents are remembered before all are forgotten.
const AGENTS_REMEMBERED: usize = 10_000;

/// The rules of classification.
pub struct Classifier {
    agents: Vec<(RequestClass, String)>,
    prefixes: Vec<(RequestClass, String)>,
    suffixes: Vec<(RequestClass, String)>,
    services: ServiceMap,
    /// What was said of an agent: a log names few, in every line.
    known_agents: HashMap<Vec<u8>, (Option<RequestClass>, &'static str)>,
}

/// What classification says of a request.
pub struct Classified<'a> {
    /// What it is.
    pub class: RequestClass,
    /// The service it went to.
    pub service: &'a str,
    /// `computer`, `smartphone`, `tablet`, `app` or `unknown`.
    pub device: &'static str,
}

impl Classifier {
    /// The built-in rules with a map of services.
    pub fn new(services: ServiceMap) -> Self {
        let mut rules = Self {
            agents: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            services,
            known_agents: HashMap::new(),
        };
        for line in DEFAULT.lines().skip(1) {
            let mut cells = line.splitn(3, ',');
            let mut cell = || cells.next().expect("three columns in the built-in rules");
            let (rule, class, pattern) = (cell(), cell(), cell().to_owned());
            let class = RequestClass::parse(class).expect("a class in the built-in rules");
            match rule {
                "agent" => rules.agents.push((class, pattern)),
                "path-prefix" => rules.prefixes.push((class, pattern)),
                _ => rules.suffixes.push((class, pattern)),
            }
        }
        rules
    }

    /// Classifies one request. A signed-in request is a person's, whatever
    /// tool its agent names, unless it is monitoring.
    pub fn classify(&mut self, line: &AccessLine<'_>) -> Classified<'_> {
        let agent = line.user_agent.as_deref().unwrap_or_default();
        let (by_agent, device) = self.agent(agent);
        let path = String::from_utf8_lossy(line.path.as_deref().unwrap_or_default());
        Classified {
            class: self.class(line, by_agent, &path),
            service: self.services.of_path(&path),
            device,
        }
    }

    fn agent(&mut self, agent: &[u8]) -> (Option<RequestClass>, &'static str) {
        if let Some(known) = self.known_agents.get(agent) {
            return *known;
        }
        if self.known_agents.len() >= AGENTS_REMEMBERED {
            self.known_agents.clear();
        }
        let text = String::from_utf8_lossy(agent).to_lowercase();
        let class = find(&self.agents, |pattern| text.contains(pattern));
        let found = (class, device(&text));
        self.known_agents.insert(agent.to_vec(), found);
        found
    }

    fn class(
        &self,
        line: &AccessLine<'_>,
        by_agent: Option<RequestClass>,
        path: &str,
    ) -> RequestClass {
        let by_path = find(&self.prefixes, |pattern| path.starts_with(pattern))
            .or_else(|| find(&self.suffixes, |pattern| path.ends_with(pattern)));
        match (by_agent, by_path) {
            (Some(RequestClass::Probe), _) | (_, Some(RequestClass::Probe)) => {
                return RequestClass::Probe;
            }
            (Some(class), _) if line.user.is_none() => return class,
            _ => {}
        }
        let answered = matches!(line.status, None | Some(200..=399));
        if line.request_kind != RequestKind::Http || !answered {
            return RequestClass::Error;
        }
        if let Some(class) = by_path {
            return class;
        }
        match (line.method.as_deref(), line.status) {
            (Some(b"GET"), None | Some(200..=299 | 304)) => RequestClass::Page,
            (Some(b"POST" | b"PUT" | b"DELETE" | b"PATCH"), _) => RequestClass::Action,
            _ => RequestClass::Static,
        }
    }
}

fn find(rules: &[(RequestClass, String)], matches: impl Fn(&str) -> bool) -> Option<RequestClass> {
    let rule = rules.iter().find(|(_, pattern)| matches(pattern));
    rule.map(|(class, _)| *class)
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
        let mut rules = Classifier::new(ServiceMap::default_map());
        let found = rules.classify(&line);
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
