//! Real public inputs, read where they are and skipped aloud where they are not.

use crate::facts::{assert_stated, in_paris};
use crate::fixture::{run, stderr};
use entobs::access::{LogFormat, Reader, line};
use entobs::directory::aaf::{self, Category, Operation};
use entobs::domain::Uai;
use entobs::source;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::PathBuf;

pub fn corpus(name: &str) -> Option<PathBuf> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    // Not captured by the test harness: a skipped test says so.
    let _ = writeln!(
        std::io::stderr(),
        "skipped: the corpus file {name} is not here"
    );
    None
}

/// 10,000 lines, the last one cut: every line read or counted as a reject.
#[test]
fn a_combined_log_is_accounted_for_line_by_line() {
    let Some(path) = corpus("logs/elastic-examples/apache_logs.log") else {
        return;
    };
    let format = LogFormat::compile("combined").unwrap();
    let mut lines = source::open(&path).unwrap();
    let (mut read, mut rejected) = (0, Vec::new());
    while let Some(raw) = lines.next_line().unwrap() {
        match line::read(&format, raw.bytes) {
            Ok(_) => read += 1,
            Err(error) => rejected.push(error.code()),
        }
    }
    assert_eq!((read, rejected), (9_999, vec!["truncated"]));
}

#[test]
fn check_letters_of_the_official_school_list() {
    let Some(path) = corpus("etablissements/referentiel_hdf.csv") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut checked = 0;
    for row in text.lines().skip(1) {
        let uai = Uai::parse(row.split(',').next().unwrap()).unwrap();
        assert!(uai.check_letter_is_right(), "{uai}");
        checked += 1;
    }
    assert_eq!(checked, text.lines().count() - 1);
}

/// Requests by category in each set, as `grep -c '<.*Request>'` counts them.
#[test]
fn directories_are_read_whole() {
    let expected = [
        ("aaf2d-2013", [12, 24, 13, 10, 100]),
        ("aaf2d-2020", [1, 0, 0, 1, 0]),
        ("aaf2d-2024/before", [0, 0, 2, 1, 0]),
        ("aaf2d-2024/after", [0, 0, 3, 0, 0]),
        ("aaf1d-synthetic", [2, 2, 2, 2, 0]),
        ("delta-synthetic", [3, 0, 0, 0, 0]),
    ];
    for (set, counts) in expected {
        let Some(folder) = corpus(&format!("aaf/{set}")) else {
            return;
        };
        let mut found = BTreeMap::new();
        let mut deleted = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let file = BufReader::new(File::open(file.unwrap().path()).unwrap());
            let end = aaf::read(file, |entry| {
                *found.entry(entry.category).or_insert(0) += 1;
                deleted += usize::from(entry.operation == Operation::Delete);
            });
            assert_eq!(end, Ok(()), "{set}");
        }
        let categories = [
            Category::Student,
            Category::Relative,
            Category::Staff,
            Category::Structure,
            Category::Other,
        ];
        let read = categories.map(|category| found.get(&category).copied().unwrap_or(0));
        assert_eq!(read, counts, "{set}");
        assert_eq!(deleted, usize::from(set.starts_with("delta")));
    }
}

/// The counts of one ingestion into a lake of its own.
fn ingested(arguments: &[&str]) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (lake, key) = (path("lac"), path("key"));
    assert!(
        run(&["privacy", "key", "new", "--key", &key])
            .status
            .success()
    );
    let mut all = vec!["ingest"];
    all.extend(arguments);
    all.extend(["--lake", &lake, "--key", &key, "--json"]);
    let output = run(&all);
    assert!(
        matches!(output.status.code(), Some(0 | 3)),
        "{}",
        stderr(&output)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Read, kept, and rejects by reason.
fn assert_counts(arguments: &[&str], read: u64, kept: u64, rejected: &serde_json::Value) {
    let counts = ingested(arguments);
    assert_eq!(counts["read"], read, "{arguments:?}: {counts}");
    assert_eq!(counts["kept"], kept, "{arguments:?}: {counts}");
    assert_eq!(counts["rejected"], *rejected, "{arguments:?}");
}

#[test]
fn real_inputs_enter_the_lake() {
    let Some(root) = corpus(".") else { return };
    let path = |name: &str| root.join(name).to_str().unwrap().to_owned();
    let log = path("logs/elastic-examples/apache_logs.log");
    assert_counts(
        &["access", &log, "--format", "combined"],
        10_000,
        9_999,
        &json!({"truncated": 1}),
    );
    assert_counts(
        &["events", &path("entcore/events.ndjson")],
        7,
        7,
        &json!({}),
    );
    let support = path("entcore/ent-support-tickets.csv");
    assert_counts(&["tickets", &support], 3, 3, &json!({}));
    for name in ["glpi10_style.csv", "glpi11_style.csv"] {
        let glpi = path(&format!("glpi/{name}"));
        let counts = ingested(&["tickets", &glpi]);
        assert!(counts["kept"].as_u64().unwrap() >= 3, "{name}: {counts}");
    }
    let primary = path("aaf/aaf1d-synthetic");
    assert_counts(
        &["directory", &primary, "--source", "lille"],
        8,
        8,
        &json!({}),
    );
}

/// A line of the collection: its number, the format to read it with (where the
/// collection has a sentence or dots; else nothing), the proxies that are
/// trusted, and all that its stated reading says and a reading of ours holds.
type Stated = (u64, &'static str, &'static [&'static str], &'static str);

/// Not held by a reading, though stated: the bytes of a request that is none,
/// names of virtual hosts, ports, cookies, addresses of upstream servers.
#[rustfmt::skip]
const STATED: [Stated; 59] = [
    (1, "", &[], "client=127.0.0.1 | kind=empty | method= | path= | protocol= | status=400 | bytes=0 | referer= | agent="),
    (2, "", &[], "kind=empty | method= | path= | protocol= | status=400 | bytes=0 | referer= | agent="),
    (4, "", &[], "kind=garbage | method= | path= | status=400 | bytes=150"),
    (5, "", &[], "kind=tls | method= | path= | status=400 | client=127.0.0.1"),
    (7, "", &[], "kind=tls | method= | path= | status=400 | bytes=166"),
    (8, "", &[], "kind=garbage | status=301"),
    (10, "", &[], "kind=garbage | method= | path= | query="),
    (11, "", &[], "client= | peer= | peer_text=unix: | kind=garbage | status=400"),
    (13, "", &[], "kind=garbage | method= | path= | time=2024-06-14T06:50:12Z"),
    (14, "", &[], "kind=garbage | status=400 | bytes=226 | duration_us=98"),
    (16, "", &[], "kind=empty | status=408 | bytes=152"),
    (17, "", &[], "kind=http | method=GET | path=/index.html | protocol= | status=200"),
    (19, "", &[], "kind=http | method=GET | path= | query= | status=400"),
    (20, "", &[], "kind=http | status=400 | path=/foo | agent= | duration_us=8"),
    (22, "", &[], "agent=Dalvik/2.1.0 (Linux; U; Android 5.1; Alba 10\" Build/LMY47I)"),
    (23, "", &[], "agent=\"Mozilla/5.0 (iPhone; CPU iPhone OS 11_0 like Mac OS X) AppleWebKit/604.1.38 (KHTML, like Gecko) Version/11.0 Mobile/15A372 Safari/604.1\""),
    (25, "", &[], r"status=200 | referer=http://\xe4\xe5\xe3\xf2\xff\xf0\xed\xee\xe5-\xec\xfb\xeb\xee.\xf0\xf4/"),
    // The bytes themselves stand in a file: see `sample_logs`.
    (26, "", &[], "client=192.0.2.4 | user=theuser | method=GET | status=301 | bytes=368 | protocol=HTTP/1.0"),
    (28, "", &[], "path=/index.php | query=x=a b | status=404"),
    (29, "", &[], "path%=/Русская школа - InternetUrok 1класс/ | status=206"),
    (31, "", &["10.2.0.0/16"], "forwarded=10.5.102.222 198.51.100.1 203.0.113.1 | peer=10.2.1.185 | client=203.0.113.1"),
    (32, "", &["10.0.0.0/8"], "forwarded=2001:db8:add:4002:91f2:a9b2:e09a:6fc6 10.225.192.17 | peer=10.2.2.121 | client=2001:db8:add:4002:91f2:a9b2:e09a:6fc6"),
    (34, "", &[], "peer=192.0.2.97 | forwarded=198.51.100.98 203.0.113.99 | duration_us=168048"),
    (35, "", &[], "peer=192.0.2.97 | forwarded=198.51.100.98 | bytes=0 | status=403"),
    (37, "", &[], "forwarded=10.0.0.2 10.0.0.1"),
    (38, "", &["192.0.2.51"], "client=203.0.113.164 | agent=webkit;Resolution(PAL,720P,1080P)"),
    (40, "", &[], "client= | peer= | peer_text=ns5.example.net | status=200"),
    (41, "", &[], "client=::1 | status=200"),
    (43, "", &[], "client=192.168.33.2 | status=404"),
    (44, "", &[], "user=frank | status=200"),
    (46, "", &[], "user=uid=cousteau,ou=Personnels,ou=People,dc=univ-paris5,dc=fr"),
    (47, "", &[], "user%=i.am.anonymous@no-identity.fr P | path=/science | time=2012-03-31T19:52:51Z"),
    (49, "", &[], "client= | peer_text= | status=200"),
    (50, "", &[], "status= | bytes=7908 | user=a.user"),
    (52, "", &[], "agent= | kind=http | method=POST | path=/rtb/getAd/12 | status=499 | upstream_ms= | time=2015-04-17T01:16:19.104Z"),
    (53, "", &[], "duration_us=1394000 | upstream_ms=- 1394"),
    (55, r#"[$time_local] client=$remote_addr remote_user="$remote_user" request="$request" request_length=$request_length status=$status body_bytes_sent=$body_bytes_sent referer="$http_referer" user_agent="$http_user_agent" x_forwarded="$http_x_forwarded_for" request_time=$request_time upstream_response_time=$upstream_response_time upstream_connect_time=$upstream_connect_time upstream_header_time=$upstream_header_time"#,
        &[], "upstream_ms=4 12 | status=200 | duration_us=16000 | peer=192.168.3.26 | forwarded=198.51.100.2 203.0.113.3"),
    // The list of bytes read as the list of times that it is written like.
    (56, r#"$msec "$upstream_addr" "$upstream_response_time""#, &[], "upstream_ms=1000 2000 3000 4000 5000"),
    (58, "ingress-nginx", &[], "upstream_ms= | duration_us=0 | status=200"),
    (59, "ingress-nginx", &[], "client=192.0.2.3 | status=200 | bytes=8319 | duration_us=102000 | upstream_ms=102"),
    (61, r#"$remote_addr - $remote_user - $host [$time_local] "$request" $upstream_addr upstream_response_time $upstream_response_time msec $msec request_time $request_time $status $bytes_sent "$http_referer" $http_user_agent $http_x_forwarded_for"#,
        &[], "status=404 | agent=Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/68.0.3440.75 Safari/537.36 | forwarded= | upstream_ms=0"),
    (62, "", &[], "method=GET | protocol=HTTP/1.1 | status=304 | client=10.0.0.9"),
    (64, "", &[], "duration_us=1966093"),
    (65, "%{%Y-%m-%dT%H:%M:%SZ}t %m %s %{mili}d ms %{kilo}M kB %C%% %r", &[], "duration_us=260403 | client= | peer_text= | method=GET | path=/list/default | status=200"),
    (67, "", &[], "duration_us=799940"),
    (68, "", &[], "time=2022-08-23T08:54:19.786Z | referer=https://c.example.com?m=z"),
    (70, "", &[], "time=2012-02-10T15:42:07Z"),
    (71, "[%{%a %b %d %H:%M:%S %Z %Y}t] [IP:%h] [ID:%u] [TICKET:%{ticket}n] [SERVICE:%{service}n] [USER-AGENT:%{User-Agent}i]", &[],
        "time=2015-09-24T22:22:07Z | user=etud0 | client=192.0.2.17 | agent=Mozilla/5.0 (Windows NT 10.0)"),
    (73, "", &[], "protocol=HTTP/2 | status=200"),
    (74, "", &[], "bytes=47546 | duration_us=131417 | protocol=HTTP/1.1 | status=200"),
    (76, "v1{]$host{]$request{]-{]$time_local{]$status{]-{]$request_time{]$body_bytes_sent{]$bytes_sent{]$remote_addr{]$http_x_forwarded_for{]-{]-{]$http_user_agent{]-{]-{]-{]-{]$realip{]$upstream_response_time{]$peer{]$name",
        &[], "time=2023-06-06T23:57:59Z | status=200 | duration_us=55000 | method=GET"),
    (77, r#"[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] [Sent-to $server] "$http_user_agent" "$http_referer""#,
        &[], "status=200 | method=GET | path=/accounts/login/ | query=next=/search/ | agent=Mozilla/5.0 | referer= | client=192.0.2.6"),
    (79, r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for""#,
        &[], "status=204 | client=192.0.2.241 | referer= | forwarded="),
    (85, "json: end=@timestamp client=ip request=request status=status bytes=size duration=req_time:s upstream=ups_time", &[],
        "time=2017-08-30T07:23:48Z | client=172.60.30.14 | method=GET | path=/ | status=200 | bytes=562 | duration_us=0 | upstream_ms="),
    (86, "json: end=time_local:common client=remote_addr forwarded=X-Forwarded-For user=remote_user method=method uri=uri protocol=server_protocol status=status bytes=body_bytes_sent referer=http_referer user_agent=user_agent upstream=upstream_response_time", &[],
        "time=2023-06-26T06:24:53Z | forwarded= | user= | referer= | status=200 | bytes=77 | upstream_ms=304"),
    (88, "haproxy", &[], "time=2018-09-25T04:05:27.584Z | duration_us=72000 | status=200 | bytes=7456 | method=POST"),
    (89, "squid", &[], "time=2011-10-19T22:01:50.284Z | duration_us=2102000 | status=200 | user=cousteau"),
    (91, r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{route}n" "%{assigned}n" %{trace}C"#, &[], "status=302 | bytes=0 | path=/Login"),
    (92, "entcore", &["10.0.0.0/8"], "time= | status= | bytes= | duration_us= | user=1234567 | forwarded=192.0.2.44 10.0.0.2 | client=192.0.2.44 | path=/conversation/count/INBOX | query=unread=true"),
];

/// Lines that are refused, with the reason.
const REFUSED: [(u64, &str); 2] = [(82, "truncated"), (83, "columns")];

/// The lines of the collection with the format given for each, by number.
fn hard_lines() -> Option<BTreeMap<u64, (Vec<u8>, String)>> {
    let text = std::fs::read_to_string(corpus("hard-log-lines.jsonl")?).unwrap();
    let mut cases = BTreeMap::new();
    let mut previous = String::new();
    for case in text.lines() {
        let case: serde_json::Value = serde_json::from_str(case).unwrap();
        if case["format"] != "(same format)" {
            previous = case["format"].as_str().unwrap().to_owned();
        }
        let line = case["line"].as_str().unwrap().as_bytes().to_vec();
        cases.insert(case["id"].as_u64().unwrap(), (line, previous.clone()));
    }
    Some(cases)
}

/// The collection of lines that broke other programs: each is read as its
/// reading states, or refused as it states.
#[test]
fn hard_lines_are_read_as_stated() {
    let Some(mut cases) = hard_lines() else {
        return;
    };
    // Two lists and no date: one is put before them.
    let (undated, format) = cases.get_mut(&56).unwrap();
    assert!(
        LogFormat::compile(format)
            .unwrap_err()
            .message
            .contains("no date")
    );
    undated.splice(..0, *b"1 ");
    for (id, ours, trusted, stated) in STATED {
        let (line, given) = cases.remove(&id).unwrap();
        let format = in_paris(if ours.is_empty() { &given } else { ours });
        match line::read(&format, &line) {
            Ok(read) => assert_stated(&id.to_string(), &read, trusted, stated),
            Err(error) => panic!("{id}: {error}"),
        }
    }
    for (id, reason) in REFUSED {
        let (line, given) = cases.remove(&id).unwrap();
        let error = line::read(&in_paris(&given), &line).err();
        assert_eq!(error.map(|e| e.code()), Some(reason), "{id}");
    }
    let (glued, format) = cases.remove(&80).unwrap();
    assert!(cases.is_empty(), "{:?}", cases.keys());
    let format = in_paris(&format);
    let mut reader = Reader::new(&format);
    assert!(reader.read(&glued).is_err());
    let parts = reader.split_glued(&glued).unwrap();
    let bytes = parts
        .iter()
        .map(|part| reader.read(part).ok().unwrap().bytes);
    assert_eq!(bytes.collect::<Vec<_>>(), [Some(378), Some(67_217)]);
}

/// A date without offset is never guessed.
#[test]
fn hard_lines_without_offset_need_a_zone() {
    let Some(cases) = hard_lines() else {
        return;
    };
    for format in [&*cases[&70].1, "haproxy"] {
        let error = LogFormat::compile(format).unwrap_err();
        assert!(error.message.contains("--zone"), "{error}");
    }
}
