//! Plans what a domain publishes for MTA-STS: the policy text, the id, the zone lines, and the steps with their waiting times.
//!
//! ```text
//! cargo run --example publish                    # a sample, held against what examples/data/audit/good publishes
//! cargo run --example publish -- --domain kestrel.net --mx mx1.kestrel.net,mx2.kestrel.net --first
//! cargo run --example publish -- --domain kestrel.net --mode none --history history.txt
//! cargo run --example publish -- --domain kestrel.net --mx mx1.kestrel.net --out kestrel.net
//! cargo run --example audit -- kestrel.net       # reads what `--out` wrote
//! ```
//!
//! `-- --help` lists the options and the exit codes.

mod against;
mod args;
#[path = "../audit/history.rs"]
mod history;
mod json;
#[path = "../audit/moment.rs"]
mod moment;
#[path = "../audit/response.rs"]
mod response;
mod text;
#[path = "../audit/zone.rs"]
mod zone;

use against::Changes;
use annotate_snippets::renderer::{AnsiColor, Style};
use args::{Args, Command, Format};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

/// Nothing differs, or nothing was there to differ from.
const SAME: u8 = 0;
const DIFFERENT: u8 = 1;
/// Wrong use, or something that could not be read or written.
const FAILURE: u8 = 2;

fn main() -> ExitCode {
    let status = match args::parse(env::args_os().skip(1)) {
        Ok(Command::Help) => written(io::stdout().write_all(args::HELP.as_bytes()), SAME),
        Ok(Command::Publish(args)) => publish(&args),
        Err(complaint) => Err(format!("{complaint}; `--help` lists the options")),
    };
    ExitCode::from(status.unwrap_or_else(|complaint| {
        let red: Style = AnsiColor::BrightRed.on_default().bold();
        // If even standard error is closed there is nobody to tell.
        let _ = writeln!(anstream::stderr(), "{red}error{red:#}: {complaint}");
        FAILURE
    }))
}

fn publish(args: &Args) -> Result<u8, String> {
    let changes = args.against.as_deref().map(|path| {
        let changes = Changes::new(path, args);
        changes.map_err(|error| format!("`--against {}`: {error}", path.display()))
    });
    let changes = changes.transpose()?;
    if let Some(folder) = &args.out {
        write_files(folder, args)
            .map_err(|error| format!("`--out {}`: {error}", folder.display()))?;
    }
    let output = match args.format {
        Format::Text => anstream::stdout().write_all(text::plan(args, changes.as_ref()).as_bytes()),
        Format::Json => writeln!(io::stdout(), "{}", json::object(args, changes.as_ref())),
    };
    let differs = changes.is_some_and(|changes| !changes.is_empty());
    written(output, if differs { DIFFERENT } else { SAME })
}

fn write_files(folder: &Path, args: &Args) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("mta-sts.txt"), args.plan.policy_text())?;
    let lines = args.plan.zone_lines().into_iter();
    let zone: String = lines.map(|line| line + "\n").collect();
    fs::write(folder.join("zone.txt"), zone)
}

/// The status, unless nothing could be written.
fn written(output: io::Result<()>, status: u8) -> Result<u8, String> {
    match output {
        // The reader of a pipe that is closed, such as `head`, has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(status),
        Err(error) => Err(format!("cannot write: {error}")),
        Ok(()) => Ok(status),
    }
}
