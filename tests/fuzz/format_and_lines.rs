//! Any format text over any lines: compiled or refused, read or rejected,
//! classified, never a panic. The first line of the input is the format.
#![no_main]
#![allow(dead_code)]

#[path = "../../src/access/mod.rs"]
mod access;
#[path = "../../src/domain/mod.rs"]
mod domain;
#[path = "../../src/memo.rs"]
mod memo;
mod read;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let format = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    read::all(&format, parts.next().unwrap_or_default());
});
