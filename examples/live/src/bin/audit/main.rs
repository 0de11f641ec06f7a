//! Audits the MTA-STS deployments of mail domains as they are now, and says what senders make of them, what is wrong, and what to do about it.
//!
//! ```text
//! cargo run -p live --bin audit -- example.com example.net
//! cargo run -p live --bin audit -- --json --save captured - < domains.txt
//! ```
//!
//! `-- --help` lists the options and the exit statuses. What is written is that of the example `audit`, which reads what `--save` has written.

mod args;
#[path = "../../../../audit/earlier.rs"]
mod earlier;
#[path = "../shared/domains.rs"]
mod domains;
#[path = "../../../../inspect/excerpt.rs"]
mod excerpt;
mod facts;
mod folder;
#[path = "../../../../audit/json.rs"]
mod json;
#[path = "../../../../audit/moment.rs"]
mod moment;
#[path = "../../../../audit/render.rs"]
mod render;
#[path = "../../../../audit/response.rs"]
mod response;
#[path = "../shared/say.rs"]
mod say;
#[path = "../../../../inspect/snippet.rs"]
mod snippet;
#[path = "../../../../audit/table.rs"]
mod table;
mod tls;
#[path = "../../../../audit/zone.rs"]
mod zone;
mod zone_text;

use args::Args;
use clap::Parser;
use domains::{domains, progress};
use facts::{Facts, Gatherer, Probes};
use folder::Folder;
use futures_util::stream::StreamExt;
use live::fetcher::Reach;
use live::network::Validation;
use live::probe::SmtpProbe;
use live::verify::PkixVerifier;
use mta_sts::{Audit, AuditOptions, PolicyDomain, Severity, audit};
use say::complain;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Nothing is worse than a note.
const CLEAN: u8 = 0;
const ERRORS: u8 = 1;
/// Wrong use, or something here is in the way. `clap` ends with it too.
const FAILURE: u8 = 2;
const WARNINGS: u8 = 3;

/// The port of SMTP between servers.
const SMTP: u16 = 25;

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
    let gatherer = match gatherer(args) {
        Ok(gatherer) => gatherer,
        Err(complaint) => {
            complain(&complaint);
            return FAILURE;
        }
    };
    let status = audit_all(args, &gatherer).await;
    status.unwrap_or_else(|error| {
        // The reader of a pipe that is closed, such as `head`, has seen enough.
        if error.kind() == ErrorKind::BrokenPipe {
            return CLEAN;
        }
        complain(&error);
        FAILURE
    })
}

fn gatherer(args: &Args) -> Result<Gatherer, String> {
    let network = &args.network;
    let resolver = network.hosts.resolver(Validation::Upstream)?;
    let fetcher = network.fetcher(resolver.clone())?;
    let probes = if args.no_smtp {
        None
    } else {
        let pkix = PkixVerifier::new(network.hosts.authorities()?);
        let pkix = pkix.map_err(|error| format!("cannot set up TLS: {error}"))?;
        let reach = match args.smtp_port {
            SMTP => network.reach(),
            _ => Reach::Anywhere,
        };
        let probe = SmtpProbe::new(resolver.clone(), Arc::new(pkix))
            .with_time(network.hosts.timeout())
            .with_port(args.smtp_port)
            .with_reach(reach);
        Some(Probes::new(probe))
    };
    Ok(Gatherer {
        resolver,
        fetcher,
        probes,
    })
}

/// Audits all domains, several at a time, and shows them in their order.
async fn audit_all(args: &Args, gatherer: &Gatherer) -> io::Result<u8> {
    let progress = progress(&args.domains);
    let seen = domains(&args.domains).map(async |name| {
        let name = name?;
        Ok::<_, io::Error>(match name.parse::<PolicyDomain>() {
            Ok(domain) => Ok(gatherer.gather(domain).await),
            // What is no domain may hold anything.
            Err(error) => Err(format!("{name:?} is no domain: {error:#}")),
        })
    });
    let mut seen = seen.buffered(args.jobs.get());
    let mut totals = Totals::default();
    let mut is_complete = true;
    while let Some(facts) = seen.next().await {
        let facts = facts?;
        is_complete &= progress.suspend(|| match facts {
            Ok(facts) => show(args, &facts, &mut totals),
            Err(complaint) => {
                complain(&complaint);
                Ok(false)
            }
        })?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    if totals.sum() > 1 && !args.json {
        writeln!(anstream::stdout(), "\n{totals}")?;
    }
    Ok(if is_complete {
        totals.status()
    } else {
        FAILURE
    })
}

/// Saves the facts if that is wanted, and writes what they come to; whether the earlier ones could be read, if there are any.
fn show(args: &Args, facts: &Facts, totals: &mut Totals) -> io::Result<bool> {
    let earlier = args.previous.as_ref();
    let earlier = earlier.map(|from| from.join(facts.domain.as_str()));
    let mut earlier = earlier.filter(|path| path.is_dir());
    let previous = earlier.as_ref().map_or(Ok(None), |path| {
        earlier::previous(path, &facts.domain)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))
    });
    let is_read = previous.is_ok();
    let previous = previous.unwrap_or_else(|complaint| {
        complain(&complaint);
        earlier = None;
        None
    });
    let path = args.save.as_ref().map(|to| to.join(facts.domain.as_str()));
    if let Some(path) = &path {
        folder::save(facts, path, earlier.as_deref()).map_err(|error| {
            io::Error::other(format!("cannot write {}: {error}", path.display()))
        })?;
    }
    let is_saved = path.is_some();
    let folder = Folder::new(facts, path, previous);
    let options = AuditOptions::new(folder.gathered).public_suffix(&is_public_suffix);
    let audit = audit(&folder.deployment, &options);
    for (host, why) in &facts.unreached {
        // If standard error is closed there is nobody to tell.
        let _ = writeln!(anstream::stderr(), "{host} was not reached: {why}");
    }
    if args.json {
        let mut object = json::object(&folder, &audit);
        if !is_saved {
            object["folder"].take();
        }
        let mut out = io::stdout().lock();
        writeln!(out, "{object}")?;
        out.flush()?;
    } else {
        let mut out = anstream::stdout().lock();
        if totals.sum() > 0 {
            writeln!(out)?;
        }
        out.write_all(render::audit(&folder, &audit).as_bytes())?;
        out.flush()?;
    }
    totals.add(&audit);
    Ok(is_read)
}

/// By the list of Mozilla, which counts what providers let their customers register too.
fn is_public_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix == name)
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

    const fn sum(&self) -> usize {
        self.good + self.doubtful + self.broken
    }

    const fn status(&self) -> u8 {
        match (self.broken, self.doubtful) {
            (1.., _) => ERRORS,
            (0, 1..) => WARNINGS,
            (0, 0) => CLEAN,
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            good,
            doubtful,
            broken,
        } = self;
        let total = self.sum();
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
