//! The vocabulary of the observatory. Imports nothing of ours, does no I/O.

mod calendar;
mod period;
mod role;
mod territory;
mod uai;

pub use calendar::{SchoolCalendar, easter_sunday};
pub use period::{Period, PeriodError};
pub use role::Role;
pub use territory::{Departement, Level};
pub use uai::{Uai, UaiError};
