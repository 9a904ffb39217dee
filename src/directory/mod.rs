//! Directories: who has an account, in which role, in which establishments.
//!
//! [`aaf`] reads the XML of the académies as a stream of entries. Not here:
//! snapshots, validity in time and attribution, which belong to the lake.

pub mod aaf;
