//! Audits whole MTA-STS deployments from captured facts, and says what senders make of them, what is wrong, and what to do about it.
//!
//! ```text
//! cargo run --example audit                              # the samples in examples/data/audit
//! cargo run --example audit -- captured/kestrel.net      # one folder of facts
//! cargo run --example audit -- --json captured           # all folders in it, one JSON object a line
//! ```
//!
//! `-- --help` lists the options and the exit codes; `examples/audit/README.md` says what stands in a folder.

mod args;
mod earlier;
#[path = "../inspect/excerpt.rs"]
mod excerpt;
mod folder;
mod history;
mod json;
mod moment;
mod progress;
mod render;
mod response;
#[path = "../inspect/snippet.rs"]
mod snippet;
mod table;
mod tls;
mod zone;

use annotate_snippets::Level;
use args::{Args, Command, Format};
use folder::Folder;
use mta_sts::{Audit, AuditOptions, Severity, audit};
use progress::Progress;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fmt};

/// Nothing is worse than a note.
const CLEAN: u8 = 0;
const ERRORS: u8 = 1;
/// Wrong use, or something that could not be read or written.
const FAILURE: u8 = 2;
const WARNINGS: u8 = 3;

fn main() -> ExitCode {
    let status = match args::parse(env::args_os().skip(1)) {
        Ok(Command::Help) => io::stdout()
            .write_all(args::HELP.as_bytes())
            .map(|()| CLEAN),
        Ok(Command::Audit(args)) => run(&args),
        Err(complaint) => {
            complain(format_args!("{complaint}; `--help` lists the options"));
            Ok(FAILURE)
        }
    };
    ExitCode::from(status.unwrap_or_else(|error| {
        // The reader of a pipe that is closed, such as `head`, has seen enough.
        if error.kind() == ErrorKind::BrokenPipe {
            return CLEAN;
        }
        complain(format_args!("cannot write: {error}"));
        FAILURE
    }))
}

/// Audits what the command line names. The error is that of writing; what cannot be read is complained about.
fn run(args: &Args) -> io::Result<u8> {
    let mut is_readable = true;
    let mut unreadable = |path: &Path, error: &str| {
        complain(format_args!("cannot read {}: {error}", path.display()));
        is_readable = false;
    };
    let mut paths = Vec::new();
    for path in &args.folders {
        match folder::find(path) {
            Ok(found) => paths.extend(found),
            Err(error) => unreadable(path, &error),
        }
    }

    let now = moment::now();
    let mut report: Box<dyn Write> = match args.format {
        Format::Text => Box::new(anstream::stdout()),
        Format::Json => Box::new(io::stdout()),
    };
    let progress = Progress::new(paths.len(), args.progress);
    let mut totals = Totals::default();
    for (number, path) in paths.iter().enumerate() {
        progress.at(number + 1, &path.display().to_string());
        let folder = match Folder::read(path, now) {
            Ok(folder) => folder,
            Err(error) => {
                progress.clear();
                unreadable(path, &error);
                continue;
            }
        };
        let options = AuditOptions::new(folder.gathered).public_suffix(&is_public_suffix);
        let audit = audit(&folder.deployment, &options);
        match args.format {
            Format::Json => writeln!(report, "{}", json::object(&folder, &audit))?,
            Format::Text => {
                if number > 0 {
                    writeln!(report)?;
                }
                report.write_all(render::audit(&folder, &audit).as_bytes())?;
            }
        }
        totals.add(&audit);
    }
    progress.clear();
    if paths.len() > 1 && args.format == Format::Text {
        writeln!(report, "\n{totals}")?;
    }
    report.flush()?;
    Ok(if is_readable {
        totals.status()
    } else {
        FAILURE
    })
}

/// By the list of Mozilla, which counts what providers let their customers register too.
fn is_public_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix == name)
}

/// One line on standard error. If even that is closed there is nobody to tell.
fn complain(complaint: fmt::Arguments<'_>) {
    let line = snippet::headline(Level::ERROR, complaint.to_string());
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// How many deployments came to which severity.
#[derive(Default)]
struct Totals {
    good: usize,
    doubtful: usize,
    broken: usize,
}

impl Totals {
    fn add(&mut self, audit: &Audit) {
        match worst(audit) {
            Some(Severity::Error) => self.broken += 1,
            Some(Severity::Warning) => self.doubtful += 1,
            Some(Severity::Note) | None => self.good += 1,
        }
    }

    const fn status(&self) -> u8 {
        match (self.broken, self.doubtful) {
            (1.., _) => ERRORS,
            (0, 1..) => WARNINGS,
            (0, 0) => CLEAN,
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            good,
            doubtful,
            broken,
        } = self;
        let total = good + doubtful + broken;
        write!(
            f,
            "{total} deployments: {good} good, {doubtful} with warnings, {broken} with errors"
        )
    }
}

/// The severity of the gravest finding.
pub(crate) fn worst(audit: &Audit) -> Option<Severity> {
    audit.findings().first().map(mta_sts::Finding::severity)
}
