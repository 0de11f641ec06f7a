//! Chapters that are no code: the table of codes, how to embed the crate, and the reasons behind the design.

#[doc = include_str!("codes.md")]
pub mod codes {}

#[cfg(feature = "std")]
#[doc = include_str!("embedding.md")]
pub mod embedding {}

#[doc = include_str!("../DESIGN.md")]
pub mod design {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub mod readme {}
