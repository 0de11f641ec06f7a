//! Guides: what takes more than one item, end to end, in code that is compiled and run by the tests.
//!
//! | to | read |
//! |---|---|
//! | send mail, or replace MTA-STS code of one's own | `embedding` |
//! | say what is wrong with a record, a policy or a deployment | [`checking`] |
//! | make a policy, change it, take it back | [`publishing`] |
//! | read TLS reports, count sessions, send reports | `reporting` |
//! | choose how strictly policies are read | [`leniency`] |
//! | look a code up | [`codes`] |
//! | know why | [`design`] |
//!
//! `embedding` is there with the feature `std`, `reporting` with `tlsrpt`.

#[cfg(feature = "std")]
#[doc = include_str!("embedding.md")]
pub mod embedding {}

#[doc = include_str!("checking.md")]
pub mod checking {}

#[doc = include_str!("publishing.md")]
pub mod publishing {}

#[cfg(feature = "tlsrpt")]
#[doc = include_str!("reporting.md")]
pub mod reporting {}

#[doc = include_str!("leniency.md")]
pub mod leniency {}

#[doc = include_str!("codes.md")]
pub mod codes {}

#[doc = include_str!("../DESIGN.md")]
pub mod design {}

#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
pub mod readme {}
