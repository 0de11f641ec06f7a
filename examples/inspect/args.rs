//! The command line.

use mta_sts::ParseOptions;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fmt};

pub(crate) const HELP: &str = "\
Says what is wrong with MTA-STS policies and records (RFC 8461) and TLS reporting records (RFC 8460), where, and what
to write instead.

Usage: inspect [OPTIONS] [FILE | DIRECTORY | -]...

Inspects policy files, the files of directories, or standard input (-).
Without any input it inspects the samples that come with it.

Options:
      --record TEXT  inspect the text of a TXT record; can be repeated
      --tls-rpt TEXT inspect the text of a TLS reporting record; can be repeated
      --mx HOST      say whether each policy allows this MX host; can be repeated
      --fix          write the corrected text to standard output, findings to standard error
      --lenient      tolerate what leaves no doubt about the meaning of a policy
      --json         write one JSON object a line for each input
  -h, --help         show this text

Exit code: 0 if there are no errors, 1 if there are, 2 for wrong use or an unreadable file.
";

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Inspect(Args),
}

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) inputs: Vec<Input>,
    /// Hosts to hold against each policy.
    pub(crate) mx: Vec<String>,
    pub(crate) options: ParseOptions,
    pub(crate) format: Format,
    pub(crate) fix: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Input {
    Path(PathBuf),
    Stdin,
    Record(Vec<u8>),
    TlsRptRecord(Vec<u8>),
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("<stdin>"),
            Self::Record(_) => f.write_str("<record>"),
            Self::TlsRptRecord(_) => f.write_str("<tls-rpt>"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

/// Reads the arguments, the name of the program not among them. The error is a complaint about them.
pub(crate) fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut parsed = Args {
        inputs: Vec::new(),
        mx: Vec::new(),
        options: ParseOptions::strict(),
        format: Format::Text,
        fix: false,
    };
    let mut only_paths = false;
    while let Some(arg) = args.next() {
        let option = if only_paths { None } else { arg.to_str() };
        match option {
            Some("-h" | "--help") => return Ok(Command::Help),
            Some("--fix") => parsed.fix = true,
            Some("--lenient") => parsed.options = ParseOptions::lenient(),
            Some("--json") => parsed.format = Format::Json,
            Some("--record") => {
                let record = args.next().ok_or("`--record` wants the text of a record")?;
                parsed
                    .inputs
                    .push(Input::Record(record.into_encoded_bytes()));
            }
            Some("--tls-rpt") => {
                let record = args
                    .next()
                    .ok_or("`--tls-rpt` wants the text of a record")?;
                parsed
                    .inputs
                    .push(Input::TlsRptRecord(record.into_encoded_bytes()));
            }
            Some("--mx") => {
                let host = args.next().ok_or("`--mx` wants the name of a host")?;
                // What is not UTF-8 is no host name either: it matches nothing.
                parsed.mx.push(host.to_string_lossy().into_owned());
            }
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
    let is_record = |input: &Input| matches!(input, Input::Record(_) | Input::TlsRptRecord(_));
    if !parsed.mx.is_empty() && parsed.inputs.iter().all(is_record) {
        return Err("`--mx` asks a policy, and there are only records".into());
    }
    Ok(Command::Inspect(parsed))
}

/// The directory of the samples, as short as it can be said from here.
fn samples() -> PathBuf {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    let here = env::current_dir().unwrap_or_default();
    match samples.strip_prefix(here) {
        Ok(shorter) => shorter.into(),
        Err(_) => samples,
    }
}
