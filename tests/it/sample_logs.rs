//! Every sample log of the corpus: each line is read, or counted with a reason.

use crate::corpus::corpus;
use crate::facts::{assert_stated, facts, in_paris};
use entobs::access::sniff;
use entobs::access::{Declared, LogFormat, Reader};
use entobs::source;
use std::collections::BTreeMap;
use std::path::Path;

/// A file; its format, named, pasted or `auto=` what is found by its lines (of
/// a file without any that is known, `auto` fails and one is pasted); lines
/// read; rejects by reason.
type Sample = (
    &'static str,
    &'static str,
    u64,
    &'static [(&'static str, u64)],
);

const MATOMO: &str = "logs/matomo-log-analytics";
const VHOST: &str = r#"%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#;

#[rustfmt::skip]
const SAMPLES: [Sample; 52] = [
    ("logs/matomo-log-analytics/common.log", "auto=common", 1, &[]),
    ("logs/matomo-log-analytics/common.log.gz", "auto=common", 1, &[]),
    // Not decompressed: bytes that are no line.
    ("logs/matomo-log-analytics/common.log.bz2", "common", 0, &[("columns", 2)]),
    ("logs/matomo-log-analytics/common_complete.log", VHOST, 1, &[]),
    ("logs/matomo-log-analytics/common_encoding_big5.log", VHOST, 1, &[]),
    ("logs/matomo-log-analytics/common_vhost.log", r#"%v %h %l %u %t "%r" %>s %b"#, 1, &[]),
    ("logs/matomo-log-analytics/ncsa_extended.log", "auto=combined", 1, &[]),
    // The virtual host stands where the identity would, which is dropped as well.
    ("logs/matomo-log-analytics/ovh.log", "auto=combined", 1, &[]),
    ("logs/matomo-log-analytics/gandi.log", r#"%v %h %l %u %t (%T s) "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#, 2, &[]),
    ("logs/matomo-log-analytics/static_ignores.log", VHOST, 4, &[]),
    // A blank line and one that begins with `#` are no lines of Apache.
    ("logs/matomo-log-analytics/logs_to_tests.log", "auto=combined", 4, &[("columns", 2)]),
    ("logs/matomo-log-analytics/custom_regex_custom_date.log", r#"%h %l %u [%{%B - %d, %Y:%H:%M:%S}t] "%r" %>s %b"#, 1, &[]),
    ("logs/matomo-log-analytics/icecast2.log", r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %T"#, 1, &[]),
    ("logs/matomo-log-analytics/haproxy.log", "auto=haproxy", 1, &[]),
    ("logs/matomo-log-analytics/caddy_json.log", "auto=caddy", 3, &[]),
    ("logs/matomo-log-analytics/traefik_json.log", "auto=traefik", 1, &[]),
    ("logs/matomo-log-analytics/nginx_json.log", "json: end=date client=ip uri=path status=status referer=referrer user_agent=user_agent bytes=length duration=generation_time_milli:ms", 2, &[]),
    ("logs/matomo-log-analytics/iis.log", "auto=w3c", 1, &[("comment", 4)]),
    ("logs/matomo-log-analytics/iis_custom.log", "auto=w3c", 3, &[("comment", 7)]),
    ("logs/matomo-log-analytics/netscaler.log", "auto=w3c", 1, &[("comment", 4)]),
    ("logs/matomo-log-analytics/incapsula_w3c.log", "auto=w3c", 2, &[("comment", 4)]),
    ("logs/matomo-log-analytics/shoutcast.log", "auto=w3c", 1, &[("comment", 3)]),
    ("logs/matomo-log-analytics/splitted_date_and_time.log", "auto=w3c", 1, &[("comment", 1)]),
    ("logs/matomo-log-analytics/amazon_cloudfront_web.log", "auto=w3c", 1, &[("comment", 2)]),
    ("logs/matomo-log-analytics/amazon_cloudfront_rtmp.log", "auto=w3c", 2, &[("comment", 2)]),
    ("logs/matomo-log-analytics/s3.log", r#"%{owner}n %{bucket}n %t %h %{requester}n %{id}n %{operation}n %{key}n "%r" %>s %{error}n %b %{size}n %{ms}T %{turn}n "%{Referer}i" "%{User-Agent}i""#, 1, &[]),
    // The line in between explains the one after it, which is no HTTP.
    ("logs/matomo-log-analytics/elb.log", r#"%{end:%Y-%m-%dT%H:%M:%S%.fZ}t %{name}n %h:%{remote}p %{target}n %{before}n %T %{after}n %>s %{status}n %I %b "%r" "%{User-Agent}i" %{cipher}n %{tls}n"#, 2, &[("columns", 1)]),
    ("logs/matomo-log-analytics/alb.log", r#"%{kind}n %{end:%Y-%m-%dT%H:%M:%S%.fZ}t %{name}n %h:%{remote}p %{target}n %{before}n %T %{after}n %>s %{status}n %I %b "%r" "%{User-Agent}i" %{cipher}n %{tls}n %{group}n "%{trace}n" "%{domain}n" "%{certificate}n" %{rule}n %{created}n "%{actions}n" "%{redirect}n" "%{error}n" "%{targets}n" "%{statuses}n""#, 1, &[]),
    ("logs/lnav/logfile_access_log.0", "auto=combined", 3, &[]),
    ("logs/lnav/logfile_access_log.1", "auto=combined", 1, &[]),
    ("logs/lnav/logfile_bad_access_log.0", "auto=combined", 2, &[("columns", 1)]),
    ("logs/lnav/logfile_shop_access_log.0", r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i""#, 1_000, &[]),
    ("logs/lnav/playground_access_log", "auto=combined", 2_492, &[]),
    ("logs/logparser/hackers-access.log", "auto=combined", 3_456, &[]),
    ("logs/elastic-examples/apache_logs.log", "auto=combined", 9_999, &[("truncated", 1)]),
    ("logs/ezpaarse/edp.2013-01-23.log", "auto=common", 388, &[]),
    ("logs/ezpaarse/multiformat/INRIA.squid.test.log", "auto=vhost_combined", 2, &[]),
    ("logs/ezpaarse/multiformat/inria.squid.log", "auto=vhost_combined", 2, &[]),
    ("logs/ezpaarse/multiformat/test.apache.log", "auto=combined", 1, &[]),
    ("logs/ezpaarse/multiformat/univ_toulouse.apache.log", "auto=combined", 1, &[]),
    ("logs/ezpaarse/multiformat/univ_parisdescartes.apache.log", "auto=combined", 1, &[]),
    ("logs/ezpaarse/multiformat/univ_lyon.ezproxy.log", "auto=common", 1, &[]),
    ("logs/ezpaarse/multiformat/ul.ezproxy.log", UL, 1, &[]),
    ("logs/ezpaarse/multiformat/upmc.ezproxy.log", UPMC, 1, &[]),
    ("logs/ezpaarse/multiformat/univ_rennes1.ezproxy.log", RENNES, 3, &[]),
    ("logs/ezpaarse/multiformat/univ_limoges.ezproxy.log", LIMOGES, 1, &[("columns", 1)]),
    ("logs/ezpaarse/multiformat/univ_strasbourg.ezproxy.log", STRASBOURG, 2, &[]),
    ("logs/ezpaarse/multiformat/upmc.squid.log", "auto=squid", 2, &[]),
    ("entcore/access-text.log", "auto=entcore", 4, &[]),
    ("entcore/access-text.log", "entcore", 4, &[]),
    ("entcore/access-json.log", "auto=entcore-json", 2, &[]),
    ("entcore/access-json.log", "entcore-json", 2, &[]),
];

const UL: &str = r#"%h %u %{zero} %t "%r" %s %b %{group}"#;
const UPMC: &str = r#"%h %{session} %u %t "%r" %s %b %{rule}"#;
const RENNES: &str = r#"%h %{session1} %{session2} %t "%r" %s %b %u"#;
const LIMOGES: &str = "%t %h %U";
const STRASBOURG: &str = "%t %h %{again} %u %U %b %{session}";

fn lines(path: &Path) -> Vec<Vec<u8>> {
    let mut input = source::open(path).unwrap();
    let mut lines = Vec::new();
    while let Some(line) = input.next_line().unwrap() {
        lines.push(line.bytes.to_vec());
    }
    lines
}

fn found(lines: &[Vec<u8>]) -> Result<(String, LogFormat), String> {
    let sample = &lines[..lines.len().min(sniff::SAMPLE)];
    let declared = Declared {
        zone: Some(chrono_tz::Europe::Paris),
        ..Declared::default()
    };
    let choice = sniff::choose(sample, declared)?;
    Ok((choice.name.to_owned(), choice.format))
}

/// The format of a sample: found where it says so, and not to be found where
/// it is pasted.
fn format(of: &str, path: &str, lines: &[Vec<u8>]) -> LogFormat {
    match of.strip_prefix("auto=") {
        Some(expected) => {
            let (name, format) = found(lines).unwrap_or_else(|e| panic!("{path}: {e}"));
            assert_eq!(name, expected, "{path}");
            format
        }
        None => {
            if of.contains('%') {
                let error = found(lines).map(|(name, _)| name);
                assert!(
                    error.as_ref().is_err_and(|e| e.contains("hint:")),
                    "{path}: {error:?}"
                );
            }
            in_paris(of)
        }
    }
}

#[test]
fn every_line_of_every_sample_is_accounted_for() {
    for (path, of, read, rejects) in SAMPLES {
        let Some(file) = corpus(path) else { return };
        let lines = lines(&file);
        let format = format(of, path, &lines);
        let mut reader = Reader::new(&format);
        let (mut well, mut rejected) = (0, BTreeMap::new());
        for line in &lines {
            match reader.read(line) {
                Ok(_) => well += 1,
                Err(error) => *rejected.entry(error.code()).or_insert(0) += 1,
            }
        }
        let rejected: Vec<(&str, u64)> = rejected.into_iter().collect();
        assert_eq!((well, &rejected[..]), (read, rejects), "{path}");
    }
}

/// No file of those folders is forgotten.
#[test]
fn every_sample_is_in_the_table() {
    for folder in [
        MATOMO,
        "logs/lnav",
        "logs/logparser",
        "logs/ezpaarse/multiformat",
    ] {
        let Some(path) = corpus(folder) else { return };
        for entry in std::fs::read_dir(path).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = format!("{folder}/{name}");
            let is_known = SAMPLES.iter().any(|(path, ..)| *path == name);
            assert!(is_known || name.ends_with(".result.json"), "{name}");
        }
    }
}

/// Values that a tool of another trade states of these files.
#[test]
fn other_servers_say_the_same_things_elsewhere() {
    #[rustfmt::skip]
    let stated = [
        // %T of ICEcast is how long somebody listened, in seconds.
        ("icecast2.log", "status=301 | bytes=368 | duration_us=1807000000 | user=theuser"),
        ("caddy_json.log", "time=2023-12-23T23:17:54.815560Z | status=200 | bytes=3609 | duration_us=1335 | method=GET | path=/beta/ | user= | peer=1.2.3.4"),
        ("traefik_json.log", "time=2023-08-11T11:39:21.773360139Z | status=200 | bytes=15 | duration_us=10002425 | path=/my/app/auth | user= | agent=Prometheus/2.40.5"),
        ("nginx_json.log", "time=2013-10-10T14:52:00Z | status=200 | bytes=192 | path=/piwik.php | method= | kind=http"),
        ("iis.log", "time=2012-04-01T00:00:13Z | status=200 | bytes=27028 | duration_us=1687000 | user=theuser | peer=1.2.3.4 | path=/foo/bar"),
        // 17:00 in Paris: the column is `time-local`.
        ("iis_custom.log", "time=2012-08-15T15:00:00.363Z | status=200 | duration_us=109000 | peer=70.95.0.0 | user="),
        // Nobody says in what unit: the duration is not read.
        ("netscaler.log", "time=2012-08-16T11:55:13Z | status=302 | bytes=355 | duration_us= | peer=172.20.1.0"),
        ("amazon_cloudfront_web.log", "time=2014-05-23T01:13:11Z | status=200 | bytes=182 | duration_us=1000 | peer=192.0.2.10 | path=/view/my/file.html"),
        ("s3.log", "time=2012-02-10T21:42:07Z | status=200 | bytes=368 | duration_us=10000 | peer=1.2.3.4 | path=/index"),
        ("elb.log", "time=2015-05-13T23:39:43.945958Z | status=200 | bytes=57 | duration_us=1048 | peer=1.2.3.4 | path=/path/index.html"),
        ("alb.log", "time=2020-01-01T00:55:04.127531Z | status=200 | bytes=24950 | duration_us=102000 | peer=1.2.3.4"),
        ("common_encoding_big5.log", r"status=301 | user=theuser | path=/\xac\xb0\xa8\xe4\xad\xdd\xa6\xe6\xb4c\xb9D"),
    ];
    for (name, stated) in stated {
        let path = format!("{MATOMO}/{name}");
        let Some(file) = corpus(&path) else { return };
        let lines = lines(&file);
        let (_, of, ..) = SAMPLES.iter().find(|(p, ..)| *p == path).unwrap();
        let format = format(of, &path, &lines);
        let mut reader = Reader::new(&format);
        let first = lines.iter().find_map(|line| reader.read(line).ok());
        assert_stated(name, &first.unwrap(), &[], stated);
    }
}

/// The readings of ezPAARSE, which counts consultations of articles behind
/// proxies of libraries, are ours where it states one. What differs, and why:
///
/// - it keeps only qualified consultations: answers 302, 401 and 407 and what is
///   no article are in our reading and not among its records;
/// - it writes times in the zone of the reader: `14:10 +0100` of a June log is
///   its `15:10+02:00`, the same instant;
/// - the URL of a rewriting proxy (`/http/host/path`) it puts together again,
///   and hosts it keeps: our path and query are the end of its URL;
/// - a size of `-` it leaves out, for us it is 0; the address it hashes;
/// - in Rennes it takes the last column for the account (`user`) beside two
///   sessions, elsewhere the column is its `login`.
#[test]
fn readings_of_another_program_are_ours() {
    let mut compared = 0;
    for (path, of, ..) in SAMPLES {
        let Some(file) = corpus(path) else { return };
        let result = file.with_extension("result.json");
        if !path.starts_with("logs/ezpaarse/multiformat") || !result.exists() {
            continue;
        }
        let lines = lines(&file);
        let format = format(of, path, &lines);
        let records: Vec<serde_json::Value> =
            serde_json::from_str(&std::fs::read_to_string(result).unwrap()).unwrap();
        for record in &records {
            assert!(is_read(&format, &lines, record), "{path}: {record}");
            compared += 1;
        }
    }
    assert_eq!(compared, 13, "records");
}

/// Whether one of the lines reads as the record says.
fn is_read(format: &LogFormat, lines: &[Vec<u8>], record: &serde_json::Value) -> bool {
    let mut reader = Reader::new(format);
    lines.iter().any(|line| {
        let Ok(read) = reader.read(line) else {
            return false;
        };
        let facts: BTreeMap<&str, String> = facts(&read, &[]).into_iter().collect();
        let stated = |key: &str| record[key].as_str();
        let same = |key: &str, fact: &str| stated(key).is_none_or(|text| text == facts[fact]);
        let time = chrono::DateTime::parse_from_rfc3339(stated("datetime").unwrap()).unwrap();
        // Squid counts in milliseconds, ezPAARSE in seconds.
        let same_time = time.timestamp() == read.time.unwrap().timestamp();
        let url = match facts["query"].as_str() {
            "" => facts["path"].clone(),
            query => format!("{}?{query}", facts["path"]),
        };
        let url = url.strip_prefix("/http/").unwrap_or(&url);
        let login = if stated("login").is_some() {
            "login"
        } else {
            "user"
        };
        let milliseconds = read.duration_us.map(|us| (us / 1_000).to_string());
        same_time
            && same("status", "status")
            && same("size", "bytes")
            && same("method", "method")
            && same(login, "user")
            && stated("url").unwrap().ends_with(url)
            && stated("responseTime").is_none_or(|ms| milliseconds.as_deref() == Some(ms))
    })
}
