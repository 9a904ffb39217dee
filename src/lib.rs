//! Usage observatory of the ENT Hauts-de-France.
//!
//! ```text
//! raw inputs --> source --> {access, logins, directory, assistance, provider, national} --> ingest
//!   --> privacy::pseudonym --> lake (Parquet)
//! lake --> queries/*.sql (query) --> indicators --> privacy::disclosure
//!   --> document --> {charts, reports, dashboard, workbook}
//! ```
//!
//! Modules in reading order; `ARCHITECTURE.md` lists the invariants.

pub mod domain;
pub mod source;
pub mod memo;
pub mod side_by_side;
pub mod access;
pub mod directory;
pub mod assistance;
pub mod provider;
pub mod national;
pub mod logins;
pub mod privacy;
pub mod lake;
pub mod ingest;
pub mod synth;
pub mod query;
pub mod indicators;
pub mod french;
pub mod document;
pub mod charts;
pub mod dashboard;
pub mod workbook;
pub mod reports;
pub mod audit;
pub mod publication;
pub mod config;
pub mod cli;
