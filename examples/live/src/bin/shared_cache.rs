//! Looks policies up through a cache in Redis that any number of processes share.

use clap::Parser;
use live::network::{Network, Validation, explain, now};
use live::redis_store::{Eviction, PREFIX, RedisStore};
use mta_sts::{Lookup, PolicyClient, PolicyDomain, Purpose};
use std::error::Error;
use std::process::ExitCode;

/// Looks up the MTA-STS policies of domains and shares what it learns through Redis
///
/// Run it twice, or on two machines: what the first one fetched, the second one finds in the cache.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Where Redis is
    #[arg(long, value_name = "URL", default_value = "redis://127.0.0.1/")]
    redis: String,
    /// What the keys in Redis begin with
    #[arg(long, default_value = PREFIX)]
    prefix: String,
    /// Fetch each policy anew
    #[arg(long)]
    refresh: bool,
    #[command(flatten)]
    network: Network,
    /// The domains
    #[arg(required = true)]
    domains: Vec<PolicyDomain>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("shared_cache: {}", explain(&*error));
            ExitCode::from(2)
        }
    }
}

async fn run(args: &Args) -> Result<ExitCode, Box<dyn Error + Send + Sync>> {
    let store = RedisStore::connect(&args.redis).await?;
    let store = store.with_prefix(&args.prefix);
    match store.eviction().await? {
        Eviction::Never => {}
        Eviction::Drops(policy) => {
            eprintln!(
                "shared_cache: Redis drops keys when it is full (maxmemory-policy {policy}): set noeviction"
            );
        }
        Eviction::Unknown => {
            eprintln!(
                "shared_cache: Redis does not tell its maxmemory-policy: it must be noeviction"
            );
        }
    }
    let resolver = args.network.hosts.resolver(Validation::Upstream)?;
    let fetcher = args.network.fetcher(resolver.clone())?;
    let client = PolicyClient::new(resolver, fetcher, store);
    let purpose = if args.refresh {
        Purpose::Refresh
    } else {
        Purpose::Deliver
    };
    let mut code = ExitCode::SUCCESS;
    for domain in &args.domains {
        match client.policy_for(domain, purpose, now()).await {
            Ok(lookup) => show(&lookup),
            Err(error) => {
                eprintln!("{domain}: {}", explain(&error));
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

/// One line: the domain, where its policy comes from, and what it says.
fn show(lookup: &Lookup) {
    let decision = lookup.decision();
    let mut line = vec![format!("{}: {:?}", decision.domain(), decision.source())];
    if let Some(policy) = decision.policy() {
        let patterns: Vec<_> = policy.mx().map(|pattern| pattern.to_string()).collect();
        line.push(format!("mode {}", policy.mode()));
        line.push(format!("mx {}", patterns.join(" ")));
    }
    line.extend(decision.valid_until().map(|until| format!("until {until}")));
    line.extend(decision.failure().map(|failure| failure.to_string()));
    println!("{}", line.join(", "));
    if let Some(error) = lookup.save_error() {
        eprintln!("{}: not stored: {}", decision.domain(), explain(error));
    }
}
