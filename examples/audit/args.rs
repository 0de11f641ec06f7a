//! The command line.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub(crate) const HELP: &str = "\
Audits MTA-STS deployments (RFC 8461): DNS records, policy, MX hosts and TLS reporting held against each other, from
facts that were captured into folders.

Usage: audit [OPTIONS] [FOLDER]...

A FOLDER holds the facts of one domain, or folders that do: examples/audit/README.md says in which files.
Without any it audits the samples that come with it.

Options:
      --json      write one JSON object a line for each domain
      --progress  show on standard error how far it is, even if that is no terminal
  -h, --help      show this text

Exit code: 0 if nothing is worse than a note, 3 if there are warnings, 1 if there are errors, 2 for wrong use or a
folder that cannot be read.
";

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Audit(Args),
}

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) format: Format,
    pub(crate) progress: Progress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Where somebody sees it and nothing else.
    WhereUseful,
    Always,
}

/// Reads the arguments, the name of the program not among them. The error is a complaint about them.
pub(crate) fn parse(args: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut parsed = Args {
        folders: Vec::new(),
        format: Format::Text,
        progress: Progress::WhereUseful,
    };
    let mut only_paths = false;
    for arg in args {
        let option = if only_paths { None } else { arg.to_str() };
        match option {
            Some("-h" | "--help") => return Ok(Command::Help),
            Some("--json") => parsed.format = Format::Json,
            Some("--progress") => parsed.progress = Progress::Always,
            Some("--") => only_paths = true,
            Some(option) if option.starts_with('-') => {
                return Err(format!("there is no option `{option}`"));
            }
            _ => parsed.folders.push(arg.into()),
        }
    }
    if parsed.folders.is_empty() {
        parsed.folders.push(samples());
    }
    Ok(Command::Audit(parsed))
}

/// The directory of the samples, as short as it can be said from here.
fn samples() -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/audit");
    let here = env::current_dir().unwrap_or_default();
    match samples.strip_prefix(here) {
        Ok(shorter) => shorter.into(),
        Err(_) => samples,
    }
}
