//! Chapters that are no code: the table of codes, and the reasons behind the design.

#[doc = include_str!("codes.md")]
pub mod codes {}

#[doc = include_str!("../DESIGN.md")]
pub mod design {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub mod readme {}
