//! Compiles a format and does with lines all that the program does.

use crate::access::proxies::Proxies;
use crate::access::{Classifier, Declared, LogFormat, Reader, Rules};
use crate::domain::ServiceMap;
use std::sync::LazyLock;

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::built_in(ServiceMap::default_map()));

pub fn all(format: &str, lines: &[u8]) {
    let declared = Declared {
        account: Some("ent_account"),
        zone: Some(chrono_tz::Europe::Paris),
        ..Declared::default()
    };
    let Ok(format) = LogFormat::compile_declared(format, declared) else {
        return;
    };
    let mut classifier = Classifier::new(&RULES);
    let mut reader = Reader::new(&format);
    for line in lines.split(|byte| *byte == b'\n') {
        if let Ok(read) = reader.read(line) {
            classifier.classify(&read);
            read.upstream_ms();
            let list = read.forwarded_addresses();
            Proxies::default().client(read.client_address(), &list);
        }
    }
}
