//! The program as its users call it. One binary, a module per subject.

mod chain;
mod cli;
mod corpus;
mod coverage;
mod counts;
mod deliverables;
mod events;
mod facts;
mod fixture;
mod free_sql;
mod hard_lines;
mod identities;
mod messages;
mod once;
mod page;
mod personal_data;
mod sample_logs;
mod samples;
mod second_engine;
mod second_program;
mod slt;
mod structure;
