//! Looks up the MTA-STS policies of mail domains as a sender would, and says what that means for each of their MX hosts.
//!
//! ```text
//! cargo run -p live --bin lookup -- example.com example.net
//! cargo run -p live --bin lookup -- --json - < domains.txt
//! ```
//!
//! `-- --help` lists the options and the exit statuses.

mod args;
#[path = "../shared/domains.rs"]
mod domains;
mod json;
#[path = "../shared/say.rs"]
mod say;
mod survey;
mod text;

use args::Args;
use clap::Parser;
use domains::{domains, progress};
use futures_util::stream::StreamExt;
use live::fetcher::HttpsFetcher;
use live::network::{Network, Validation};
use live::resolver::HickoryResolver;
use say::complain;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use survey::Survey;
use tokio::runtime::Runtime;

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
    let (resolver, fetcher) = match tools(&args.network) {
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
fn tools(network: &Network) -> Result<(HickoryResolver, HttpsFetcher), String> {
    let resolver = network.hosts.resolver(Validation::Upstream)?;
    let fetcher = network.fetcher(resolver.clone())?;
    Ok((resolver, fetcher))
}
