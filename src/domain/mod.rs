//! The vocabulary of the observatory. Imports nothing of ours, does no I/O.

mod assistance;
mod calendar;
mod colour;
pub mod opening;
mod partner;
mod period;
mod role;
mod service;
mod territory;
pub mod time;
mod uai;

pub use assistance::{Assistance, Helpdesk, Measure, ServiceLevel};
pub use calendar::{DayKind, SchoolCalendar, easter_sunday};
pub use colour::Rgb;
pub use partner::{DEFAULT_PARTNERS, Partner, Traits};
pub use period::{Period, PeriodError};
pub use role::Role;
pub use service::{OTHER_SERVICE, ServiceId, ServiceMap, first_segment, service_label};
pub use territory::{Departement, Level};
pub use uai::{Uai, UaiError};
