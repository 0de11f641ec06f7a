//! What must hold for every input: plain functions that panic where it does not.
//!
//! The fuzz targets call them, each that of its own name. So does `tests/seeds` of the library, which takes
//! these modules in.

#![expect(
    clippy::missing_panics_doc,
    reason = "to panic is how a property says no"
)]

mod choices;
#[path = "../../tests/properties/laws.rs"]
mod laws;

pub mod auditing;
pub mod building;
pub mod counting;
pub mod delivering;
pub mod discovering;
pub mod entries;
pub mod fetching;
pub mod names;
pub mod oracle;
pub mod policies;
pub mod records;
pub mod reports;
