//! Lines of the kinds that break readers of logs, each with all that it says.
//! They stand alone: invented names, addresses of the documentation ranges.

use crate::facts::{assert_stated, full, in_paris};
use entobs::access::{LineError, Reader, line};

/// A format, a line, and every fact that is present in its reading.
type Case = (&'static str, &'static str, &'static str);

const VHOST: &str = r#"$host:$server_port $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#;
const FORWARDED: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for""#;

#[rustfmt::skip]
const REQUESTS: [Case; 10] = [
    // The client closed before it sent a request.
    (VHOST, r#"ent.example:80 192.0.2.7 - - [03/Nov/2025:08:48:40 +0100] "" 400 0 "-" "-""#,
        "time=2025-11-03T07:48:40Z | peer_text=192.0.2.7 | status=400 | bytes=0 | kind=empty"),
    // A TLS hello on a plain port, with a blank and brackets in clear.
    ("combined", r#"192.0.2.8 - - [07/Nov/2025:07:51:49 -0400] "\x16\x03\x01\x00k[$\xDF|\xB8 \x95@9" 400 166 "-" "-""#,
        "time=2025-11-07T11:51:49Z | peer_text=192.0.2.8 | status=400 | bytes=166 | kind=tls"),
    // What is no request may be answered by a redirect.
    ("combined", r#"192.0.2.9 - - [03/Nov/2025:03:16:34 +0300] "\x05" 301 308 "-" "-""#,
        "time=2025-11-03T00:16:34Z | peer_text=192.0.2.9 | status=301 | bytes=308 | kind=garbage"),
    // The tail of a form, taken for a request.
    ("combined", r#"192.0.2.9 - - [03/Nov/2025:03:16:34 +0000] "eleve=Valider" 400 0 "-" "-""#,
        "time=2025-11-03T03:16:34Z | peer_text=192.0.2.9 | status=400 | bytes=0 | kind=garbage"),
    // Absent values inside of the request; an offset of half an hour.
    ("combined", r#"192.0.2.9 - - [14/Nov/2025:12:20:12 +0530] "- - HTTP/1.0" 400 226 "-" "-""#,
        "time=2025-11-14T06:50:12Z | peer_text=192.0.2.9 | status=400 | bytes=226 | kind=garbage"),
    // A line end inside of the request does not end the line.
    ("%h %l %u %t \"%r\" %>s %b %D", r#"192.0.2.9 - - [14/Nov/2025:08:21:14 +0300] "\n" 400 226 98"#,
        "time=2025-11-14T05:21:14Z | peer_text=192.0.2.9 | status=400 | bytes=226 | duration_us=98 | kind=garbage"),
    // HTTP/0.9 has no protocol word.
    ("combined", r#"192.0.2.9 - - [10/Nov/2025:17:52:50 +0900] "GET /accueil.html" 200 612 "-" "-""#,
        "time=2025-11-10T08:52:50Z | peer_text=192.0.2.9 | method=GET | path=/accueil.html | status=200 | bytes=612 | kind=http"),
    // A URI that no library can parse.
    ("common", r#"192.0.2.9 - - [28/Nov/2025:16:48:52 +0800] "GET :@ent.example::80/a.png HTTP/1.1" 400 1160"#,
        "time=2025-11-28T08:48:52Z | peer_text=192.0.2.9 | method=GET | protocol=HTTP/1.1 | status=400 | bytes=1160 | kind=http"),
    // A blank in the query.
    ("combined", r#"192.0.2.9 - - [14/Nov/2025:15:58:13 -0400] "GET /cherche?mot=a b HTTP/1.1" 404 151 "-" "curl/7.43.0""#,
        "time=2025-11-14T19:58:13Z | peer_text=192.0.2.9 | method=GET | path=/cherche | query=mot=a b | protocol=HTTP/1.1 | status=404 | bytes=151 | agent=curl/7.43.0 | kind=http"),
    // No quotes around the request, and seconds since 1970 as the only date.
    (r#"$remote_addr $http_user_agent $request $http_x_forwarded_for $uri $upstream_addr $status "etat" $upstream_status  "temps" $upstream_response_time "fin" $msec"#,
        r#"192.0.2.38 - POST /edt/jour/12 HTTP/1.1 198.51.100.154 /edt/jour/12 10.0.0.82:9558 499 "etat" -  "temps" - "fin" 1762153779.104"#,
        "time=2025-11-03T07:09:39.104Z | peer_text=192.0.2.38 | forwarded=198.51.100.154 | method=POST | path=/edt/jour/12 | protocol=HTTP/1.1 | status=499 | kind=http"),
];

#[rustfmt::skip]
const VALUES: [Case; 12] = [
    // A tablet of ten inches: its quote is escaped as Apache does.
    ("combined", r#"192.0.2.77 - - [16/Nov/2025:16:19:20 +0000] "POST /saisie HTTP/1.1" 200 8073 "-" "Ardoise (Android 5.1; Tab 10\" Rev/2)""#,
        r#"time=2025-11-16T16:19:20Z | peer_text=192.0.2.77 | method=POST | path=/saisie | protocol=HTTP/1.1 | status=200 | bytes=8073 | agent=Ardoise (Android 5.1; Tab 10" Rev/2) | kind=http"#),
    // An agent that is a quotation.
    ("combined", r#"192.0.2.77 - - [16/Nov/2025:16:19:20 +0000] "GET / HTTP/2" 302 0 "-" "\"Appli 1.0\"""#,
        r#"time=2025-11-16T16:19:20Z | peer_text=192.0.2.77 | method=GET | path=/ | protocol=HTTP/2 | status=302 | bytes=0 | agent="Appli 1.0" | kind=http"#),
    // A referer in windows-1251, escaped.
    ("combined", r#"192.0.2.77 - - [16/Nov/2025:16:19:20 +0000] "GET / HTTP/1.0" 200 5 "http://\xf8\xea\xee\xeb\xe0.example/" "-""#,
        r"time=2025-11-16T16:19:20Z | peer_text=192.0.2.77 | method=GET | path=/ | protocol=HTTP/1.0 | status=200 | bytes=5 | referer=http://\xf8\xea\xee\xeb\xe0.example/ | kind=http"),
    // A distinguished name, with blanks.
    ("combined", r#"192.0.2.77 - uid=ndupont,ou=Personnels Admin,dc=ent-exemple,dc=fr [19/Nov/2025:22:16:52 +0200] "GET / HTTP/1.1" 200 - "-" "-""#,
        "time=2025-11-19T20:16:52Z | peer_text=192.0.2.77 | user=uid=ndupont,ou=Personnels Admin,dc=ent-exemple,dc=fr | method=GET | path=/ | protocol=HTTP/1.1 | status=200 | bytes=0 | kind=http"),
    // No status: the answer never began.
    ("combined", r#"192.0.2.16 - a.user [11/Nov/2025:23:05:27 +0100] "OPTIONS /dav/ HTTP/1.1" - 7908 "-" "-""#,
        "time=2025-11-11T22:05:27Z | peer_text=192.0.2.16 | user=a.user | method=OPTIONS | path=/dav/ | protocol=HTTP/1.1 | bytes=7908 | kind=http"),
    // An agent without quotes, and a value after it.
    (r#"$remote_addr [$time_local] "$request" $status $bytes_sent "$http_referer" $http_user_agent $http_x_forwarded_for"#,
        r#"192.0.2.1 [29/Nov/2025:10:55:13 +0000] "GET /absent HTTP/1.1" 404 423 "-" Mozilla/5.0 (X11; Linux) Gecko/20100101 -"#,
        "time=2025-11-29T10:55:13Z | peer_text=192.0.2.1 | method=GET | path=/absent | protocol=HTTP/1.1 | status=404 | agent=Mozilla/5.0 (X11; Linux) Gecko/20100101 | kind=http"),
    // A unit glued to the number, columns padded.
    (r#"%h <<%P>> %t %Dus "%r" %>s %b  "%{Referer}i" "%{User-Agent}i" %l %u"#,
        r#"192.0.2.1 <<6113>> [16/Nov/2025:15:45:34 +0000]    1966093us "GET / HTTP/1.1" 200 3478  "-" "X" - -"#,
        "time=2025-11-16T15:45:34Z | peer_text=192.0.2.1 | method=GET | path=/ | protocol=HTTP/1.1 | status=200 | bytes=3478 | duration_us=1966093 | agent=X | kind=http"),
    // Whole seconds beside the microseconds that they cut.
    (r#"%{X-Forwarded-For}i %v %l %u %t %T/%D "%r" %>s %b"#,
        r#"192.0.2.147 https://ent.example - - [03/Nov/2025:00:11:13 -0500] 0/799940 "GET /blog/ HTTP/1.1" 200 23026"#,
        "time=2025-11-03T05:11:13Z | forwarded=192.0.2.147 | method=GET | path=/blog/ | protocol=HTTP/1.1 | status=200 | bytes=23026 | duration_us=799940 | kind=http"),
    // An application server: decimals of a millisecond, no client.
    ("%{%Y-%m-%dT%H:%M:%SZ}t %m %s %{mili}d ms %{kilo}M kB %C%% %r", "2025-11-20T08:17:21Z GET 200 260.403 ms 2048 kB 15.36% /liste/defaut",
        "time=2025-11-20T08:17:21Z | method=GET | path=/liste/defaut | status=200 | duration_us=260403 | kind=http"),
    // A separator of two characters, a date without brackets.
    ("v1{]$host{]$request{]$time_local{]$status{]$request_time{]$remote_addr", "v1{]ent.example{]GET /a b HTTP/1.1{]07/Nov/2025:07:57:59 +0800{]200{]0.055{]192.0.2.1",
        "time=2025-11-06T23:57:59Z | peer_text=192.0.2.1 | method=GET | path=/a b | protocol=HTTP/1.1 | status=200 | duration_us=55000 | kind=http"),
    // Agent before referer, the parts of the request apart.
    (r#"[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] "$http_user_agent" "$http_referer""#,
        r#"[15/Nov/2025:18:41:26 +0000] - 200 200 - GET https ent.example "/compte/?vers=/edt/" [Client 192.0.2.6] [Length 1234] "Mozilla/5.0" "-""#,
        "time=2025-11-15T18:41:26Z | peer_text=192.0.2.6 | method=GET | path=/compte/ | query=vers=/edt/ | status=200 | bytes=1234 | agent=Mozilla/5.0 | kind=http"),
    // Nothing is escaped: quotes stand inside of the values.
    (r#"log_format brut escape=none '[$time_local] "$request_uri" "$http_user_agent" $status';"#,
        r#"[15/Nov/2025:18:41:26 +0000] "/a?q="mot"" "Tab 10" C:\x22" 200"#,
        r#"time=2025-11-15T18:41:26Z | path=/a | query=q="mot" | status=200 | agent=Tab 10" C:\x22 | kind=http"#),
];

#[rustfmt::skip]
const LISTS: [Case; 9] = [
    // The first address of a list is whatever the client wrote.
    (r#""$http_x_forwarded_for" $remote_addr [$time_local] "$request" $status"#,
        r#""10.5.102.222, 198.51.100.1, 203.0.113.1" 10.2.1.185 [22/Nov/2025:13:18:29 +0000] "GET /a?q=1 HTTP/1.1" 200"#,
        "time=2025-11-22T13:18:29Z | peer_text=10.2.1.185 | forwarded=10.5.102.222 198.51.100.1 203.0.113.1 | method=GET | path=/a | query=q=1 | protocol=HTTP/1.1 | status=200 | kind=http"),
    // A list ends where no comma stands before the blank.
    ("$host $http_x_forwarded_for $remote_addr - $remote_user [$time_local] $status",
        "ent.example 2001:db8:add::6fc6, 10.225.192.17 10.2.2.121 - - [30/Nov/2025:06:47:09 +0000] 404",
        "time=2025-11-30T06:47:09Z | peer_text=10.2.2.121 | forwarded=2001:db8:add::6fc6 10.225.192.17 | status=404 | kind=empty"),
    (r#"%h %{X-FORWARDED-FOR}i %l %u %t %D "%r" %>s %b "%{A}C|%{B}C""#,
        r#"192.0.2.97 198.51.100.98, 203.0.113.99 - - [28/Nov/2025:04:02:08 -0500] 168048 "HEAD / HTTP/1.0" 403 - "-|-""#,
        "time=2025-11-28T09:02:08Z | peer_text=192.0.2.97 | forwarded=198.51.100.98 203.0.113.99 | method=HEAD | path=/ | protocol=HTTP/1.0 | status=403 | bytes=0 | duration_us=168048 | kind=http"),
    (r#"%h %t %>s X-Forwarded-For="%{X-Forwarded-For}i""#, r#"192.0.2.20 [29/Nov/2025:19:02:48 +0000] 200 X-Forwarded-For="10.0.0.2,10.0.0.1""#,
        "time=2025-11-29T19:02:48Z | peer_text=192.0.2.20 | forwarded=10.0.0.2 10.0.0.1 | status=200 | kind=empty"),
    // The port of an address of version 6 is what follows the last colon.
    ("%a:%{remote}p %v:%p %t %>s", "2001:db8::7:51234 ent.example:443 [26/Nov/2025:16:22:14 +0000] 404",
        "time=2025-11-26T16:22:14Z | peer_text=2001:db8::7 | status=404 | kind=empty"),
    // Two tries: the first gave no time.
    (r#"[$time_local] $status "$request_time" "$upstream_response_time""#, r#"[17/Nov/2025:04:00:55 +0000] 200 "1.394" "-, 1.394""#,
        "time=2025-11-17T04:00:55Z | status=200 | duration_us=1394000 | upstream_ms=- 1394 | kind=empty"),
    // Lists without quotes, one after the other; a redirect inside of the server.
    ("[$time_local] t=$upstream_response_time c=$upstream_connect_time a=$upstream_addr s=$status",
        "[17/Nov/2025:04:00:55 +0000] t=0.004, 0.012 : 1.5 c=0.004, 0.004 a=10.0.0.1:80, unix:/tmp/s : 10.0.0.2:80 s=200",
        "time=2025-11-17T04:00:55Z | status=200 | upstream_ms=4 12 1500 | kind=empty"),
    // Old versions of the ingress put an address in brackets before the date.
    ("ingress-nginx", r#"192.0.2.3 - [192.0.2.3] - - [16/Nov/2025:08:34:01 +0000] "GET /fr HTTP/2.0" 200 8319 "-" "X" 563 0.102 [edt-80] 10.96.4.34:8080 39615 0.102 200"#,
        "time=2025-11-16T08:34:01Z | peer_text=192.0.2.3 | method=GET | path=/fr | protocol=HTTP/2.0 | status=200 | bytes=8319 | duration_us=102000 | upstream_ms=102 | agent=X | kind=http"),
    ("ingress-nginx", r#"192.0.2.3 - - [16/Nov/2025:08:34:01 +0000] "GET /a.jpg HTTP/1.1" 200 32235 "-" "X" 951 0.000 [edt-80] [edt-80] - - - - 7d1f3dea"#,
        "time=2025-11-16T08:34:01Z | peer_text=192.0.2.3 | method=GET | path=/a.jpg | protocol=HTTP/1.1 | status=200 | bytes=32235 | duration_us=0 | agent=X | kind=http"),
];

#[rustfmt::skip]
const DATES_AND_GRAMMARS: [Case; 11] = [
    // A date in three parts.
    (r#"%h [%{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %{%z}t] %>s "REFERER=%{Referer}i""#, r#"192.0.2.11 [2025-11-23 10:54:19.786 +0200] 200 "REFERER=https://ent.example?m=z""#,
        "time=2025-11-23T08:54:19.786Z | peer_text=192.0.2.11 | status=200 | referer=https://ent.example?m=z | kind=empty"),
    // A French server names its months.
    ("%h [%{%B - %d, %Y:%H:%M:%S}t] %>s", "192.0.2.4 [février - 10, 2025:16:42:07] 301",
        "time=2025-02-10T15:42:07Z | peer_text=192.0.2.4 | status=301 | kind=empty"),
    // As Java writes dates; brackets and colons inside of an address.
    ("[%{%a %b %d %H:%M:%S %Z %Y}t] [IP:%h] [ID:%u] [SERVICE:%{service}n] [AGENT:%{User-Agent}i]",
        "[Thu Sep 25 00:22:07 CEST 2025] [IP:192.0.2.17] [ID:eleve0] [SERVICE:https://ent.example/a?u=[x]::y] [AGENT:Mozilla/5.0 (X)]",
        "time=2025-09-24T22:22:07Z | peer_text=192.0.2.17 | user=eleve0 | agent=Mozilla/5.0 (X) | kind=empty"),
    // A header of syslog, padded columns.
    (FORWARDED, r#"<134>Nov 26 19:23:16 pare-feu.example nginx: 192.0.2.241 - - [26/Nov/2025:19:23:16 +0100] "GET /204 HTTP/2.0" 204 0 "-"       "Appli/3"        "-""#,
        "time=2025-11-26T18:23:16Z | peer_text=192.0.2.241 | method=GET | path=/204 | protocol=HTTP/2.0 | status=204 | bytes=0 | agent=Appli/3 | kind=http"),
    // An old nginx that takes `escape=json` for text; JSON by a map.
    ("json: end=@t client=ip request=request status=status bytes=size duration=req:s upstream=ups",
        r#"escape=json{"ip":"192.0.2.14","@t":"2025-11-03T15:23:48+08:00","request":"GET /a?b HTTP/1.1","status":"200","size":562,"req":"0.016","ups":"0.004, -","body":"{\"id\": 1}"}"#,
        "time=2025-11-03T07:23:48Z | peer_text=192.0.2.14 | method=GET | path=/a | query=b | protocol=HTTP/1.1 | status=200 | bytes=562 | duration_us=16000 | upstream_ms=4 - | kind=http"),
    // Absent values of JSON are empty.
    ("json: end=t:common forwarded=xff user=u method=m uri=uri status=s bytes=b referer=r",
        r#"{"xff":"","u":"","t":"26/Nov/2025:14:24:53 +0800","m":"POST","uri":"/api","s":"200","b":"77","r":null}"#,
        "time=2025-11-26T06:24:53Z | method=POST | path=/api | status=200 | bytes=77 | kind=http"),
    ("caddy", r#"{"ts":1762153779.1045608,"request":{"remote_ip":"192.0.2.1","proto":"HTTP/2.0","method":"GET","uri":"/b/","headers":{"User-Agent":["X \"y\""],"X-Forwarded-For":["198.51.100.1"]}},"user_id":"","duration":0.001335486,"size":3609,"status":200}"#,
        "time=2025-11-03T07:09:39.104560Z | peer_text=192.0.2.1 | forwarded=198.51.100.1 | method=GET | path=/b/ | protocol=HTTP/2.0 | status=200 | bytes=3609 | duration_us=1335 | agent=X \"y\" | kind=http"),
    ("haproxy", r#"Nov 25 06:05:27 hote haproxy[6801]: 2001:db8::1:55008 [25/Nov/2025:06:05:27.584] entree~ edt/serveur1 0/0/0/72/75 200 7456 - - ---- 5/4/0/1/0 0/0 {ent.example} "POST /user/ HTTP/1.1""#,
        "time=2025-11-25T05:05:27.584Z | peer_text=2001:db8::1 | method=POST | path=/user/ | protocol=HTTP/1.1 | status=200 | bytes=7456 | duration_us=75000 | kind=http"),
    ("squid", "1762153779.104   2102 192.0.2.90 TCP_MISS/200 309401 GET http://ent.example/x?y ndupont DIRECT/198.51.100.2 text/html",
        "time=2025-11-03T07:09:39.104Z | peer_text=192.0.2.90 | user=ndupont | method=GET | path=/x | query=y | status=200 | bytes=309401 | duration_us=2102000 | kind=http"),
    // No date, no status; a list for the address; a session and a token in clear.
    ("entcore", r#""192.0.2.44, 10.0.0.2" "GET /conversation/count/INBOX?unread=true" "Mozilla/5.0 "X"" - 7654321 0a1b-session nojeton"#,
        "forwarded=192.0.2.44 10.0.0.2 | user=7654321 | method=GET | path=/conversation/count/INBOX | query=unread=true | agent=Mozilla/5.0 \"X\" | kind=http"),
    ("%{%Y-%m-%d %H:%M:%S}t,%{msec_frac}t INFO entcore", r#"2025-11-03 08:00:09,250 INFO "192.0.2.44" "GET /auth/login" "null" - unauthenticated nocookie notoken"#,
        "time=2025-11-03T07:00:09.250Z | forwarded=192.0.2.44 | method=GET | path=/auth/login | kind=http"),
];

fn assert_read(cases: &[Case]) {
    for (format, text, expected) in cases {
        match line::read(&in_paris(format), text.as_bytes()) {
            Ok(read) => assert_eq!(&full(&read), expected, "{text}"),
            Err(error) => panic!("{error}: {text}"),
        }
    }
}

#[test]
fn requests_that_are_none_or_strange() {
    assert_read(&REQUESTS);
}

#[test]
fn values_with_quotes_blanks_and_units() {
    assert_read(&VALUES);
}

#[test]
fn lists_of_addresses_and_of_times() {
    assert_read(&LISTS);
}

#[test]
fn dates_in_parts_and_other_grammars() {
    assert_read(&DATES_AND_GRAMMARS);
}

/// The bytes of a line are no text: here a path in ISO 8859-1.
#[test]
fn bytes_that_are_no_text() {
    let raw = b"192.0.2.4 - - [10/Nov/2025:16:42:07 -0500] \"GET /\xE9l\xE8ve HTTP/1.0\" 301 368";
    let format = in_paris("common");
    let read = line::read(&format, raw).ok().unwrap();
    assert_stated("latin", &read, &[], r"path=/\xe9l\xe8ve | status=301");
}

fn reason(format: &str, text: &str) -> Option<&'static str> {
    let format = in_paris(format);
    line::read(&format, text.as_bytes())
        .err()
        .map(LineError::code)
}

#[test]
fn lines_that_are_refused_alone() {
    let start = "192.0.2.43 - - [20/Nov/2025:12:05:17 +0000] \"GET /a HTTP/1.1\" 200 235 \"-\"";
    assert_eq!(
        reason("combined", &format!("{start} \"Mozilla/5.0 (comp")),
        Some("truncated")
    );
    assert_eq!(reason("combined", start), Some("columns"));
    let without = start.replace(" - - ", " ");
    assert_eq!(
        reason("combined", &format!("{without} \"X\"")),
        Some("columns")
    );
    // The columns of another format are no name.
    let other = format!("ent.example {start} \"X\"");
    assert_eq!(reason("combined", &other), Some("columns"));
    assert_eq!(reason("caddy", start), Some("json"));
    assert_eq!(reason("caddy", r#"{"ts":176215"#), Some("truncated"));
    assert_eq!(reason("caddy", r#"{"status":200}"#), Some("date"));
    assert_eq!(
        reason("caddy", r#"{"ts":1,"status":"2xx"}"#),
        Some("status")
    );
}

/// A shipper wrote the line end between two requests as `\n`.
#[test]
fn requests_glued_into_one_record() {
    let one = |page: &str| {
        format!(
            r#"192.0.2.1 - chef [01/Nov/2025:20:08:19 +0000] "GET {page} HTTP/2.0" 200 378 "-" "X" "-""#
        )
    };
    let format = in_paris(FORWARDED);
    let mut reader = Reader::new(&format);
    let mut paths = |record: &str| {
        assert!(reader.read(record.as_bytes()).is_err());
        let parts = reader.split_glued(record.as_bytes())?;
        let paths = parts
            .iter()
            .map(|part| reader.read(part).ok().unwrap().path.unwrap().to_vec());
        Some(paths.collect::<Vec<_>>())
    };
    let glued = format!(r"{}\n{}\n", one("/a"), one(r"/b\n"));
    assert_eq!(paths(&glued).unwrap(), [&b"/a"[..], b"/b\n"]);
    // A part that is no request: the record is refused as a whole.
    assert_eq!(paths(&format!(r"{}\nreste", one("/a"))), None);
}

/// Lines of two formats in one file, by turns.
#[test]
fn alternatives_are_tried_in_order() {
    let format = entobs::access::LogFormat::compile_several(
        ["combined", "common"],
        entobs::access::Declared::default(),
    );
    let format = format.unwrap();
    let mut reader = Reader::new(&format);
    let short = r#"192.0.2.1 - - [01/Nov/2025:20:08:19 +0000] "GET / HTTP/2.0" 200 378"#;
    let long = format!(r#"{short} "-" "X""#);
    assert!(
        reader
            .read(short.as_bytes())
            .ok()
            .unwrap()
            .user_agent
            .is_none()
    );
    assert!(
        reader
            .read(long.as_bytes())
            .ok()
            .unwrap()
            .user_agent
            .is_some()
    );
    // The reason is that of the alternative that fits but for a value.
    let wrong = short.replace("200", "2000");
    assert_eq!(reader.read(wrong.as_bytes()).err(), Some(LineError::Status));
}
