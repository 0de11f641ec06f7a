//! Serves the MTA-STS policies of many domains by HTTPS, from files.
//!
//! ```text
//! cargo run -p live --bin host -- /srv/mta-sts/policies /srv/mta-sts/certificates
//! ```
//!
//! `-- --help` lists the options, and says what stands in the folders.

mod answer;
mod args;
mod certificates;
mod journal;
mod policies;
#[path = "../shared/say.rs"]
mod say;
mod server;

use answer::Answers;
use args::Args;
use certificates::Certificates;
use clap::Parser;
use mta_sts::PolicyDomain;
use policies::Policies;
use say::complain;
use server::Server;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Wrong use, or something here is in the way. `clap` ends with it too.
const FAILURE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    let served = Runtime::new()
        .map_err(|error| error.to_string())
        .and_then(|runtime| runtime.block_on(serve(args)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            complain(&complaint);
            FAILURE.into()
        }
    }
}

async fn serve(args: Args) -> Result<(), String> {
    let policies = Arc::new(Policies::new(args.policies.clone()));
    let certificates = Arc::new(Certificates::new(args.certificates));
    let unreadable = |error| format!("cannot read {}: {error}", args.policies.display());
    let domains = policies.check().map_err(unreadable)?;
    certificates.check(domains.iter().map(PolicyDomain::policy_host));

    let stop = stop().map_err(|error| format!("cannot wait for signals: {error}"))?;
    let listener = TcpListener::bind(args.listen).await;
    let listener =
        listener.map_err(|error| format!("cannot listen at {}: {error}", args.listen))?;
    let address = listener.local_addr().unwrap_or(args.listen);
    let count = match domains.len() {
        1 => "1 policy".to_owned(),
        count => format!("{count} policies"),
    };
    // If standard output is closed, nobody waits for it.
    let _ = writeln!(io::stdout(), "serving {count} at {address}");
    let server = Server {
        certificates,
        answers: Answers::new(policies, args.proxied),
        time: args.timeout,
        connections: args.connections,
    };
    Arc::new(server).serve(listener, stop).await;
    Ok(())
}

/// Comes when somebody wants the program to end: by Ctrl-C, or as service managers do.
#[cfg(unix)]
fn stop() -> io::Result<impl Future> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop() -> io::Result<impl Future> {
    Ok(tokio::signal::ctrl_c())
}
