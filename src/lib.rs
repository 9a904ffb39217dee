//! Usage observatory of the ENT Hauts-de-France.
//!
//! ```text
//! raw inputs --> source --> access ... --> privacy::pseudonym --> lake
//! ```
//!
//! Modules in reading order: the vocabulary ([`domain`]), the bytes
//! ([`source`]), the access logs ([`access`]), personal data ([`privacy`])
//! and the command line ([`cli`]). `ARCHITECTURE.md` lists the invariants.

pub mod access;
pub mod cli;
pub mod directory;
pub mod domain;
pub mod privacy;
pub mod source;
