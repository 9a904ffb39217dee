//! The program as its users call it. One binary, a module per subject.

mod chain;
mod cli;
mod corpus;
mod coverage;
mod counts;
mod deliverables;
mod events;
mod fixture;
mod messages;
mod once;
mod page;
mod personal_data;
mod samples;
mod second_program;
mod structure;
