//! Guides: what takes more than one item, end to end, in code that is compiled and run by the tests; and what is no code.
//!
//! [The crate page](crate#guides) says which to read for what.

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

/// Why the crate is as it is: the readings of the RFCs that were taken, and the reasons.
#[doc = ""]
#[doc = include_str!("../DESIGN.md")]
pub mod design {}

#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
pub mod readme {}
