//! What the operator is told: each thing once, and again when it has changed.

use crate::say::ERROR;
use anstyle::{AnsiColor, Style};
use mta_sts::{Diagnostic, LineIndex, Severity};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NEWS: Style = AnsiColor::Green.on_default().bold();
/// How many findings of a file are told.
const SHOWN: usize = 5;

/// What has been told about each file last.
///
/// Only files that are there, and have something wrong, are remembered: strangers cannot make it grow.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<HashMap<PathBuf, String>>);

impl Journal {
    /// Tells what is to say about a file now, by lines of [`error`] and [`warning`]; nothing if all is well.
    pub(crate) fn tell(&self, file: &Path, lines: &str) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = if lines.is_empty() {
            told.remove(file)
        } else {
            told.insert(file.to_owned(), lines.to_owned())
        };
        match before {
            Some(before) if before == lines => {}
            Some(_) if lines.is_empty() => {
                write(&format!("{NEWS}mended{NEWS:#}: {}\n", shown(file)));
            }
            _ => write(lines),
        }
    }

    /// There is no such file any more, so there is nothing to say about it.
    pub(crate) fn forget(&self, file: &Path) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.remove(file);
    }
}

fn write(lines: &str) {
    // If standard error is closed there is nobody to tell.
    let _ = anstream::stderr().write_all(lines.as_bytes());
}

/// A line about something that keeps senders from what they need.
pub(crate) fn error(file: &Path, complaint: &str) -> String {
    format!("{ERROR}error{ERROR:#}: {}: {complaint}\n", shown(file))
}

/// A line about something that is not as it should be.
pub(crate) fn warning(file: &Path, complaint: &str) -> String {
    let file = shown(file);
    format!("{WARNING}warning{WARNING:#}: {file}: {complaint}\n")
}

/// The errors and warnings about a policy, with their lines. Notes are advice, and would be repeated for as long as the policy stays.
pub(crate) fn findings(file: &Path, text: &[u8], diagnostics: &[Diagnostic]) -> String {
    let is_grave = |it: &&Diagnostic| it.severity() >= Severity::Warning;
    let grave: Vec<_> = diagnostics.iter().filter(is_grave).collect();
    let lines = LineIndex::new(text);
    let told = grave.iter().take(SHOWN).map(|diagnostic| {
        let (style, severity) = match diagnostic.severity() {
            Severity::Error => (ERROR, "error"),
            Severity::Warning | Severity::Note => (WARNING, "warning"),
        };
        let line = lines.position(diagnostic.span().start()).line;
        let help = diagnostic
            .help()
            .map_or(String::new(), |help| format!("; {help}"));
        let (file, code) = (shown(file), diagnostic.code());
        format!("{style}{severity}{style:#}: {file}:{line}: {diagnostic:#}{help} ({code})\n")
    });
    let mut told: String = told.collect();
    if let Some(more @ 1..) = grave.len().checked_sub(SHOWN) {
        told += &warning(file, &format!("there are {more} findings more"));
    }
    told
}

/// A path for people: the name of a file in a folder of many owners may hold anything.
fn shown(file: &Path) -> String {
    let visible = |char: char| if char.is_control() { '\u{fffd}' } else { char };
    file.display().to_string().chars().map(visible).collect()
}
