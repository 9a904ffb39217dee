//! Directories: who has an account, in which role, in which establishments.
//!
//! [`delivery`] finds the documents of an académie, [`aaf`] reads their XML as a
//! stream of entries. Not here:
//! snapshots, validity in time and attribution, which belong to the lake.

pub mod aaf;
pub mod delivery;
pub mod table;
