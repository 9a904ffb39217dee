//! Events of the platform as NDJSON, a file a month.

use super::activity::Visit;
use super::world::World;
use super::{gzip, write_file};
use crate::domain::{Role, time};
use chrono::NaiveDate;
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) struct Events {
    folder: PathBuf,
    month: String,
    text: String,
    number: u64,
}

impl Events {
    pub fn new(out: &Path) -> Self {
        Self {
            folder: out.join("evenements"),
            month: String::new(),
            text: String::new(),
            number: 0,
        }
    }

    pub fn begin_month(&mut self, month: &str) -> Result<(), String> {
        self.end()?;
        self.month = month.to_owned();
        Ok(())
    }

    pub fn end(&mut self) -> Result<(), String> {
        if self.month.is_empty() {
            return Ok(());
        }
        let path = self.folder.join(format!("events-{}.ndjson.gz", self.month));
        let text = std::mem::take(&mut self.text);
        write_file(&path, &gzip(text.as_bytes()))
    }

    pub fn write_day(&mut self, world: &World, day: NaiveDate, visits: &[Visit]) {
        for (index, account) in world.accounts.iter().enumerate() {
            if account.activated == Some(day) && account.is_there(day) {
                let at = day.and_hms_opt(9, 0, 0).expect("a time");
                self.event(world, index, "ACTIVATION", "Auth", at);
            }
        }
        for visit in visits.iter().filter(|visit| !visit.pages.is_empty()) {
            self.event(world, visit.account, "LOGIN", "Auth", visit.start);
            let mut last = "";
            for page in &visit.pages {
                if page.module != last {
                    self.event(world, visit.account, "ACCESS", page.module, page.at);
                    last = page.module;
                }
            }
        }
    }

    fn event(
        &mut self,
        world: &World,
        account: usize,
        kind: &str,
        module: &str,
        at: chrono::NaiveDateTime,
    ) {
        self.number += 1;
        let account = &world.accounts[account];
        let profile = match account.role {
            Role::Student => "Student",
            Role::Parent => "Relative",
            Role::Teacher => "Teacher",
            _ => "Personnel",
        };
        let structures: Vec<String> = account
            .schools
            .iter()
            .map(|school| format!("s-{}", world.schools[*school].key))
            .collect();
        let event = json!({
            "_id": format!("00000000-0000-4000-8000-{:012x}", self.number),
            "event-type": kind,
            "module": module,
            "date": time::instant(at).timestamp_millis(),
            "userId": account.platform_id(world.seed),
            "profil": profile,
            "structures": structures,
            "ip": "192.0.2.10, 10.0.0.2",
            "sessionId": format!("synthetic-session-{}", self.number),
        });
        self.text.push_str(&event.to_string());
        self.text.push('\n');
    }
}
