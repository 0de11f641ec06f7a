//! The command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fmt};

pub(crate) const HELP: &str = "\
Sums up TLS reports (RFC 8460): who had how many sessions with a domain, what failed, and why.

Usage: tlsrpt [OPTIONS] [FILE | DIRECTORY | -]...

Reads reports, in gzip or not, from files, from all files below directories, or from standard input (-).
Without any input it reads the samples that come with it.

Options:
      --deviations  list what in each report is not as RFC 8460 wants it
      --json        write one JSON object in place of the text
  -h, --help        show this text

The text is as wide as the variable COLUMNS says, or 80 columns.

Exit code: 0 if every file is a report, 1 if some are not, 2 for wrong use or an unreadable file.
";

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Sum(Args),
}

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) inputs: Vec<Input>,
    pub(crate) deviations: bool,
    pub(crate) format: Format,
}

#[derive(Clone, Debug)]
pub(crate) enum Input {
    Path(PathBuf),
    Stdin,
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("<stdin>"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

/// Reads the arguments, the name of the program not among them. The error is a complaint about them.
pub(crate) fn parse(args: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut parsed = Args {
        inputs: Vec::new(),
        deviations: false,
        format: Format::Text,
    };
    let mut only_paths = false;
    for arg in args {
        let option = if only_paths { None } else { arg.to_str() };
        match option {
            Some("-h" | "--help") => return Ok(Command::Help),
            Some("--deviations") => parsed.deviations = true,
            Some("--json") => parsed.format = Format::Json,
            Some("--") => only_paths = true,
            Some("-") => parsed.inputs.push(Input::Stdin),
            Some(option) if option.starts_with('-') => {
                return Err(format!("there is no option `{option}`"));
            }
            _ => parsed.inputs.push(Input::Path(arg.into())),
        }
    }
    if parsed.inputs.is_empty() {
        parsed.inputs.push(Input::Path(samples()));
    }
    Ok(Command::Sum(parsed))
}

/// The directory of the samples, as short as it can be said from here.
fn samples() -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/tlsrpt");
    let here = env::current_dir().unwrap_or_default();
    match samples.strip_prefix(here) {
        Ok(shorter) => shorter.into(),
        Err(_) => samples,
    }
}
