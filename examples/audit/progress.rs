//! How far it is, on one line of standard error that is written over and over.

use crate::args;
use std::io::{self, IsTerminal, Write};

pub(crate) struct Progress {
    total: usize,
    is_shown: bool,
}

impl Progress {
    /// Where the findings run down the same terminal, they show how far it is.
    pub(crate) fn new(total: usize, wanted: args::Progress) -> Self {
        let is_shown = match wanted {
            args::Progress::Always => true,
            args::Progress::WhereUseful => {
                total > 1 && io::stderr().is_terminal() && !io::stdout().is_terminal()
            }
        };
        Self { total, is_shown }
    }

    /// Before number `number`, from 1.
    pub(crate) fn at(&self, number: usize, name: &str) {
        if self.is_shown {
            let name: String = name
                .chars()
                .filter(|char| !char.is_control())
                .take(60)
                .collect();
            // Back to the front, and whatever stood there is gone.
            write(&format!("\r\x1b[K{number} of {}: {name}", self.total));
        }
    }

    /// Leaves an empty line behind.
    pub(crate) fn clear(&self) {
        if self.is_shown {
            write("\r\x1b[K");
        }
    }
}

/// If nobody can see it, it does not matter.
fn write(text: &str) {
    let mut stderr = io::stderr();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}
