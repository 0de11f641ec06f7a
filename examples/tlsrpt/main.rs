//! Sums up TLS reports for people: what went well, what failed, what that means, and what to do about it.
//!
//! ```text
//! cargo run --features tlsrpt,gzip --example tlsrpt                        # the samples in examples/data/tlsrpt
//! cargo run --features tlsrpt,gzip --example tlsrpt -- reports/            # files and directories, in gzip or not
//! cargo run --features tlsrpt,gzip --example tlsrpt -- --deviations reports/
//! curl -s https://kestrel-mail.net/report.json.gz | cargo run --features tlsrpt,gzip --example tlsrpt -- --json -
//! ```
//!
//! `-- --help` lists the options and the exit codes. Reports are as trustworthy as their senders: the mails that bring them must be
//! signed with DKIM, which is not checked here.

mod args;
mod chart;
mod json;
mod text;

use args::{Args, Command, Format, Input};
use mta_sts::{Deviation, MAX_REPORT_LEN, Report, ReportError, Summary};
use std::env;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Every file is a report.
const READ: u8 = 0;
/// Some files are not.
const REFUSED: u8 = 1;
/// Wrong use, or something that could not be read or written.
const FAILURE: u8 = 2;

/// With fewer files nobody waits long enough to be told how far it is.
const MANY: usize = 500;

/// A file, and what was said about it.
pub(crate) struct Told {
    pub(crate) file: String,
    pub(crate) deviations: Vec<Deviation>,
    /// How many there are beyond those listed.
    pub(crate) more: usize,
    pub(crate) error: Option<ReportError>,
}

fn main() -> ExitCode {
    let status = match args::parse(env::args_os().skip(1)) {
        Ok(Command::Help) => write_all(args::HELP).map(|()| READ),
        Ok(Command::Sum(args)) => sum(&args),
        Err(complaint) => {
            complain(format_args!("{complaint}; `--help` lists the options"));
            Ok(FAILURE)
        }
    };
    ExitCode::from(status.unwrap_or_else(|error| {
        // The reader of a pipe that is closed, such as `head`, has seen enough.
        if error.kind() == ErrorKind::BrokenPipe {
            return READ;
        }
        complain(format_args!("cannot write: {error}"));
        FAILURE
    }))
}

/// Reads what the command line names, one file at a time, and writes the summary. The error is that of writing.
fn sum(args: &Args) -> io::Result<u8> {
    let mut status = READ;
    let mut inputs = Vec::new();
    for input in &args.inputs {
        match input {
            Input::Path(path) if path.is_dir() => {
                if let Err(error) = files_below(path, &mut inputs) {
                    complain(format_args!("cannot read {input}: {error}"));
                    status = FAILURE;
                }
            }
            _ => inputs.push(input.clone()),
        }
    }

    let mut summary = Summary::new();
    let mut told = Vec::new();
    let mut progress = Progress::of(inputs.len());
    for input in &inputs {
        progress.step();
        let bytes = match read(input) {
            Ok(bytes) => bytes,
            Err(error) => {
                progress.clear();
                complain(format_args!("cannot read {input}: {error}"));
                status = FAILURE;
                continue;
            }
        };
        match Report::from_json_or_gzip(&bytes) {
            Ok(read) => {
                summary.add(read.report());
                if args.deviations && !read.deviations().is_empty() {
                    told.push(Told {
                        file: input.to_string(),
                        deviations: read.deviations().to_vec(),
                        more: read.deviation_count() - read.deviations().len(),
                        error: None,
                    });
                }
            }
            Err(error) => {
                progress.clear();
                let hint = if is_mail(&bytes) {
                    " (it looks like a mail: a report would be attached to it)"
                } else {
                    ""
                };
                complain(format_args!("{input} is no report: {error}{hint}"));
                status = status.max(REFUSED);
                told.push(Told {
                    file: input.to_string(),
                    deviations: Vec::new(),
                    more: 0,
                    error: Some(error),
                });
            }
        }
    }
    progress.clear();

    match args.format {
        Format::Json => write_all(&format!("{}\n", json::object(&summary, &told)))?,
        Format::Text => {
            let refused = told.iter().filter(|told| told.error.is_some());
            let remark = match refused.map(|_| 1).sum() {
                0 => String::new(),
                refused => format!("; {} that held none", text::count(refused, "file")),
            };
            write_all(&text::summary(&summary, &told, &remark))?;
        }
    }
    Ok(status)
}

/// The files in a directory and in those inside it, in the order of their paths. Links are not followed into directories.
fn files_below(directory: &Path, inputs: &mut Vec<Input>) -> io::Result<()> {
    let paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path()));
    let mut paths = paths.collect::<io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    for path in paths {
        match path.symlink_metadata()?.is_dir() {
            true => files_below(&path, inputs)?,
            false if path.is_dir() => {}
            false => inputs.push(Input::Path(path)),
        }
    }
    Ok(())
}

/// One byte more than is allowed is enough to see that it is too much.
fn read(input: &Input) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_REPORT_LEN).unwrap_or(u64::MAX) + 1;
    let mut bytes = Vec::new();
    match input {
        Input::Path(path) => File::open(path)?.take(limit).read_to_end(&mut bytes)?,
        Input::Stdin => io::stdin().take(limit).read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

/// Whether a file begins with a header field, as mails do.
fn is_mail(bytes: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let len = bytes.iter().take_while(|byte| is_name(byte)).count();
    len > 0 && bytes[len..].starts_with(b": ")
}

/// `anstream` leaves colours out where they are not wanted.
fn write_all(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// One line on standard error. If even that is closed there is nobody to tell.
fn complain(complaint: fmt::Arguments<'_>) {
    let line: String = complaint.to_string().chars().map(chart::visible).collect();
    let _ = writeln!(anstream::stderr(), "\u{1b}[1;31merror\u{1b}[0m: {line}");
}

/// How many of many files have been read, on a terminal.
struct Progress {
    done: usize,
    all: usize,
    is_shown: bool,
}

impl Progress {
    fn of(all: usize) -> Self {
        Self {
            done: 0,
            all,
            is_shown: all >= MANY && io::stderr().is_terminal(),
        }
    }

    fn step(&mut self) {
        self.done += 1;
        if self.is_shown && self.done % (MANY / 10) == 0 {
            let _ = write!(io::stderr(), "\r{} of {} files", self.done, self.all);
        }
    }

    /// Makes room for a line.
    fn clear(&self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
