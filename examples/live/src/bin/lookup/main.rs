//! Looks up the MTA-STS policies of mail domains as a sender would, and says what that means for each of their MX hosts.
//!
//! ```text
//! cargo run -p live --bin lookup -- example.com example.net
//! cargo run -p live --bin lookup -- --json - < domains.txt
//! ```
//!
//! `-- --help` lists the options and the exit statuses.

#[path = "../shared/address.rs"]
mod address;
mod args;
mod json;
#[path = "../shared/say.rs"]
mod say;
mod survey;
mod text;

use args::Args;
use clap::Parser;
use futures_util::stream::{self, BoxStream, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use live::fetcher::{HttpsFetcher, Reach};
use live::resolver::{Dnssec, HickoryResolver};
use live::verify::{add_authorities, system_authorities};
use say::complain;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;
use survey::Survey;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::runtime::Runtime;
use tokio_rustls::rustls::RootCertStore;

/// Nothing is wrong.
const CLEAN: u8 = 0;
/// Something is wrong with a domain.
const WRONG: u8 = 1;
/// Wrong use, or something here is in the way. `clap` ends with it too.
const FAILURE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&error);
            return FAILURE.into();
        }
    };
    let status = runtime.block_on(run(&args));
    // Standard input may still be waited for: nobody will read what comes.
    runtime.shutdown_background();
    status.into()
}

async fn run(args: &Args) -> u8 {
    let (resolver, fetcher) = match tools(args) {
        Ok(tools) => tools,
        Err(complaint) => {
            complain(&complaint);
            return FAILURE;
        }
    };
    let status = look_up(args, &resolver, &fetcher).await;
    status.unwrap_or_else(|error| {
        // The reader of a pipe that is closed, such as `head`, has seen enough.
        if error.kind() == ErrorKind::BrokenPipe {
            return CLEAN;
        }
        complain(&error);
        FAILURE
    })
}

/// Looks up all domains, several at a time, and shows them in their order.
async fn look_up(
    args: &Args,
    resolver: &HickoryResolver,
    fetcher: &HttpsFetcher,
) -> io::Result<u8> {
    let progress = progress(&args.domains);
    let surveys = domains(&args.domains).map(|name| async {
        match name {
            Ok(name) => Ok(Survey::of(name, resolver, fetcher).await),
            Err(error) => Err(error),
        }
    });
    let mut surveys = surveys.buffered(args.jobs.get());
    let mut status = CLEAN;
    while let Some(survey) = surveys.next().await {
        let survey = survey?;
        if survey.is_wrong() {
            status = WRONG;
        }
        progress.suspend(|| show(&survey, args.json))?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(status)
}

/// The names, from the command line and from standard input where it is named; read as they are needed.
fn domains(names: &[String]) -> BoxStream<'_, io::Result<String>> {
    let names = stream::iter(names).flat_map(|name| match &**name {
        "-" => stdin().boxed(),
        name => stream::iter([Ok(name.to_owned())]).boxed(),
    });
    names.boxed()
}

/// The lines of standard input that are not empty.
fn stdin() -> impl futures_util::Stream<Item = io::Result<String>> {
    let lines = BufReader::new(tokio::io::stdin()).lines();
    stream::unfold(lines, |mut lines| async {
        loop {
            let line = lines.next_line().await.transpose()?;
            let line = line.map(|line| line.trim().to_owned()).map_err(|error| {
                io::Error::new(error.kind(), format!("cannot read standard input: {error}"))
            });
            if !line.as_ref().is_ok_and(String::is_empty) {
                return Some((line, lines));
            }
        }
    })
}

/// A bar on standard error if that is a terminal and there is something to wait for.
fn progress(names: &[String]) -> ProgressBar {
    let reads_stdin = names.iter().any(|name| name == "-");
    if !io::stderr().is_terminal() || (names.len() == 1 && !reads_stdin) {
        return ProgressBar::hidden();
    }
    let (bar, template) = if reads_stdin {
        (
            ProgressBar::no_length(),
            "{spinner} {pos} domains, {elapsed}",
        )
    } else {
        let len = u64::try_from(names.len()).unwrap_or(u64::MAX);
        (
            ProgressBar::new(len),
            "{wide_bar} {pos} of {len}, {elapsed}",
        )
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Writes what was found. `anstream` leaves colours out where they are not wanted.
fn show(survey: &Survey, as_json: bool) -> io::Result<()> {
    if as_json {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", json::object(survey))?;
        out.flush()
    } else {
        let mut out = anstream::stdout().lock();
        out.write_all(text::text(survey).as_bytes())?;
        out.flush()
    }
}

/// The resolver and the fetcher that the options ask for.
fn tools(args: &Args) -> Result<(HickoryResolver, HttpsFetcher), String> {
    let dnssec = if args.dnssec {
        Dnssec::Validate
    } else {
        Dnssec::Upstream
    };
    let resolver = match args.dns {
        Some(server) => HickoryResolver::at(server, dnssec),
        None => HickoryResolver::from_system(dnssec),
    };
    let resolver = resolver
        .map_err(|error| format!("no name servers are known here: {error}; `--dns` names one"))?;
    let authorities = authorities(args)?;
    let fetcher = HttpsFetcher::new(resolver.clone(), authorities)
        .map_err(|error| format!("cannot set up TLS: {error}"))?
        .with_time(args.timeout);
    let fetcher = match args.https_port {
        Some(port) => fetcher.with_port(port).with_reach(Reach::Anywhere),
        None if args.any_address => fetcher.with_reach(Reach::Anywhere),
        None => fetcher,
    };
    Ok((resolver, fetcher))
}

fn authorities(args: &Args) -> Result<RootCertStore, String> {
    let Some(file) = &args.ca else {
        return system_authorities().map_err(|error| {
            format!("no authorities are trusted here: {error}; `--ca` names some")
        });
    };
    // A system without any is none that `--ca` could not help.
    let mut authorities = system_authorities().unwrap_or_else(|_| RootCertStore::empty());
    add_authorities(&mut authorities, file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(authorities)
}
