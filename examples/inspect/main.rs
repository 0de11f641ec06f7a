//! Inspects MTA-STS policies and records and TLS reporting records, and says what is wrong with them as a good compiler does: the exact place,
//! the reason, the remedy.
//!
//! ```text
//! cargo run --example inspect                                  # the samples in examples/data
//! cargo run --example inspect -- mta-sts.txt --mx mx1.kestrel-mail.net
//! cargo run --example inspect -- --fix mta-sts.txt > corrected.txt
//! curl -s https://mta-sts.kestrel-mail.net/.well-known/mta-sts.txt | cargo run --example inspect -- --json -
//! cargo run --example inspect -- --record 'v=STSv1; id=20260214T1030'
//! cargo run --example inspect -- --tls-rpt 'v=TLSRPTv1; rua=mailto:reports@kestrel-mail.net'
//! ```
//!
//! `-- --help` lists the options and the exit codes.

mod args;
mod excerpt;
mod json;
mod render;
mod subject;
mod verdict;

use args::{Args, Command, Format, Input};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fmt};
use subject::Subject;
use verdict::Summary;

/// No errors were found.
const CLEAN: u8 = 0;
/// Errors were found.
const ERRORS: u8 = 1;
/// Wrong use, or something that could not be read or written.
const FAILURE: u8 = 2;

/// No policy comes near this: what is larger is a device or a mistake, and is not read into memory.
const MAX_LEN: u64 = 64 << 20;

fn main() -> ExitCode {
    let status = match args::parse(env::args_os().skip(1)) {
        Ok(Command::Help) => write_all(io::stdout(), args::HELP.as_bytes()).map(|()| CLEAN),
        Ok(Command::Inspect(args)) => inspect(&args),
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

/// Inspects what the command line names. The error is that of writing; what cannot be read is complained about.
fn inspect(args: &Args) -> io::Result<u8> {
    let mut status = CLEAN;
    let mut unreadable = |name: &dyn fmt::Display, error: io::Error| {
        complain(format_args!("cannot read {name}: {error}"));
        status = FAILURE;
    };
    let mut inputs = Vec::new();
    for input in &args.inputs {
        match input {
            Input::Path(path) if path.is_dir() => match files_in(path) {
                Ok(files) => inputs.extend(files.into_iter().map(Input::Path)),
                Err(error) => unreadable(input, error),
            },
            _ => inputs.push(input.clone()),
        }
    }
    if args.fix && inputs.len() != 1 {
        complain(format_args!(
            "`--fix` wants exactly one input, not {}",
            inputs.len()
        ));
        return Ok(FAILURE);
    }

    let mut report = report(args);
    let mut summary = Summary::default();
    for (number, input) in inputs.iter().enumerate() {
        let text = match read(input) {
            Ok(text) => text,
            Err(error) => {
                unreadable(input, error);
                continue;
            }
        };
        let subject = Subject::inspect(input, text, args.options);
        match args.format {
            Format::Json => writeln!(report, "{}", json::object(&subject, &args.mx))?,
            Format::Text => {
                if number > 0 && !subject.diagnostics().is_empty() {
                    writeln!(report)?;
                }
                report.write_all(render::findings(&subject).as_bytes())?;
                report.write_all(verdict::verdict(&subject, &args.mx).as_bytes())?;
            }
        }
        summary.add(&subject);
        if args.fix {
            match subject.fixed() {
                Some(text) => write_all(io::stdout(), &text)?,
                None => complain(format_args!("{}", verdict::not_fixable(&subject))),
            }
        }
    }
    if inputs.len() > 1 && args.format == Format::Text {
        writeln!(report, "\n{summary}")?;
    }
    report.flush()?;
    let found = if summary.has_errors() { ERRORS } else { CLEAN };
    Ok(status.max(found))
}

/// Where the findings go: to standard output, unless the corrected text goes there. `anstream` leaves colours out
/// where they are not wanted.
fn report(args: &Args) -> Box<dyn Write> {
    match (args.format, args.fix) {
        (Format::Text, false) => Box::new(anstream::stdout()),
        (Format::Text, true) => Box::new(anstream::stderr()),
        (Format::Json, false) => Box::new(io::stdout()),
        (Format::Json, true) => Box::new(io::stderr()),
    }
}

/// The files in a directory, but not in those inside it, in the order of their names.
fn files_in(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path()));
    let mut files = paths.collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| !path.is_dir());
    files.sort();
    if files.is_empty() {
        return Err(io::Error::other("there are no files in it"));
    }
    Ok(files)
}

fn read(input: &Input) -> io::Result<Vec<u8>> {
    match input {
        Input::Path(path) => read_limited(File::open(path)?),
        Input::Stdin => read_limited(io::stdin()),
        Input::Record(text) | Input::TlsRptRecord(text) => Ok(text.clone()),
    }
}

fn read_limited(source: impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    source.take(MAX_LEN).read_to_end(&mut text)?;
    if u64::try_from(text.len()).is_ok_and(|len| len == MAX_LEN) {
        return Err(io::Error::other("it is too large for a policy"));
    }
    Ok(text)
}

fn write_all(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

/// One line on standard error. If even that is closed there is nobody to tell.
fn complain(complaint: fmt::Arguments<'_>) {
    let line = render::headline(annotate_snippets::Level::ERROR, complaint.to_string());
    let _ = writeln!(anstream::stderr(), "{line}");
}
