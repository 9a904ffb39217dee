//! Personal data: pseudonyms on the way in.

pub mod pseudonym;
