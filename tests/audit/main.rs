//! Audits and plans: see `README.md`.

mod facts;
mod messages;
mod plan;
// One of the samples has U-labels.
#[cfg(feature = "idna")]
mod programs;
mod properties;
mod rows;
mod zone;
