//! The example programs as a whole: what they print, and how they end.

// One of the samples has U-labels.
#[cfg(feature = "idna")]
mod audit;
mod inspect;
mod run;
mod small;
#[cfg(feature = "gzip")]
mod tlsrpt;
