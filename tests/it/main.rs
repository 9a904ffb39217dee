//! The program as its users call it. One binary, a module per subject.

mod cli;
mod corpus;
mod structure;
