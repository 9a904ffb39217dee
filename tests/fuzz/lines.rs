//! Any lines under the formats that are in use. The first byte chooses one.
#![no_main]
#![allow(dead_code)]

#[path = "../../src/access/mod.rs"]
mod access;
#[path = "../../src/domain/mod.rs"]
mod domain;
#[path = "../../src/memo.rs"]
mod memo;
mod read;

const FORMATS: [&str; 6] = [
    "combined",
    "vhost_combined",
    r#"$remote_addr - $ent_account [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time "$upstream_response_time""#,
    r#"$http_x_forwarded_for $msec $request $status $upstream_response_time $http_user_agent"#,
    r#"%h [%{%d/%b/%Y:%H:%M:%S}t.%{msec_frac}t] "%r" %>s %b %{ms}T %D"#,
    r#"{"time":"$time_iso8601","request":"$request","status":$status,"agent":"$http_user_agent"}"#,
];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((choice, lines)) = data.split_first() else {
        return;
    };
    read::all(FORMATS[usize::from(*choice) % FORMATS.len()], lines);
});
