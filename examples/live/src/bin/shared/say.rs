//! What is said on standard error. If even that is closed there is nobody to tell.

use anstyle::{AnsiColor, Style};
use std::fmt;
use std::io::Write;

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();

/// One line about what is in the way.
pub(crate) fn complain(complaint: &dyn fmt::Display) {
    let _ = writeln!(anstream::stderr(), "{ERROR}error{ERROR:#}: {complaint}");
}
