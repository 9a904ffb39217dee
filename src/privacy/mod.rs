//! Personal data: pseudonyms on the way in, disclosure control on the way out.

pub mod bounds;
mod crossing;
pub mod deduction;
pub mod disclosure;
pub mod erasure;
pub mod kept;
pub mod keyfile;
pub mod known;
pub mod memory;
pub mod pseudonym;
pub mod parts;
pub mod register;
pub mod retention;
pub mod suppression;
pub mod threshold;
