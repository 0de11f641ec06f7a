//! Audits and plans: see `README.md`.

mod facts;
mod messages;
mod plan;
mod properties;
mod rows;
mod zone;
