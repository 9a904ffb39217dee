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
mod hard_lines;
mod messages;
mod once;
mod page;
mod personal_data;
mod sample_logs;
mod samples;
mod second_program;
mod structure;
mod suppression;
