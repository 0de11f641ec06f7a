//! x
#![no_std]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod span;
mod error;
mod diagnostic;
mod scan;
mod index;
mod domain;
mod mx;
mod grammar;
mod extension;
mod txt;
mod record;
mod policy;

pub use crate::diagnostic::{AcceptedBy, Diagnostic, Edit, Fix, Inspection, Lint, Severity};
pub use crate::domain::{Domain, PolicyDomain};
pub use crate::error::{Error, ErrorKind, Section};
pub use crate::extension::{Extension, ExtensionRef, Extensions};
pub use crate::mx::{MxPattern, MxPatternRef, MxPatterns};
pub use crate::policy::{MaxAge, Mode, ParseOptions, Policy, PolicyBuilder, Tolerance};
pub use crate::record::{PolicyId, SelectError, StsRecord};
pub use crate::span::{LineIndex, Position, Span};
pub use crate::txt::{TxtAnswer, TxtRecords};
/// x
pub mod _documentation { pub mod codes {} pub mod design {} }
