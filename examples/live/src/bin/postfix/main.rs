//! A socketmap server that tells Postfix the MTA-STS policies of domains.

mod args;

use args::Args;
use clap::Parser;
use live::network::{Validation, explain};
use live::postfix::{PolicyTable, Refresher};
use live::redis_store::{Eviction, RedisStore};
use live::socketmap::{Limits, Listener, Server, Stop};
use mta_sts::{DiscoveryOptions, DynPolicyStore, MemoryStore, ParseOptions, PolicyClient};
use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy();
    // The journal of systemd has the times, and a colour is an escape sequence there.
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .without_time()
        .init();
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{}", explain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    let resolver = args.network.hosts.resolver(Validation::Here)?;
    let fetcher = args.network.fetcher(resolver.clone())?;
    let client = PolicyClient::new(resolver.clone(), fetcher, store(args).await?);
    let client = Arc::new(client.with_options(discovery_options(args)));
    let table = PolicyTable::new(Arc::clone(&client), resolver, &args.table, args.options());

    let stop = Stop::default();
    let limits = Limits {
        connections: args.connections,
        ..Limits::default()
    };
    let server = Arc::new(Server::new(table, limits, stop.clone()));
    let mut running = JoinSet::new();
    for address in &args.listen.tcp {
        let listener = Listener::tcp(*address)
            .await
            .map_err(|error| format!("{address}: {error}"))?;
        running.spawn(Arc::clone(&server).serve(listener));
    }
    for path in &args.listen.unix {
        let listener = Listener::unix(path, args.unix_mode)
            .await
            .map_err(|error| format!("{}: {error}", path.display()))?;
        running.spawn(Arc::clone(&server).serve(listener));
    }
    let mut refresher = Refresher::new(client);
    refresher.interval = Duration::from_secs(args.refresh_interval);
    refresher.pace = Duration::from_secs(60) / args.refreshes;
    running.spawn(refresher.run(stop.clone()));
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    tracing::info!("ready");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping when what has been asked is answered");
    stop.stop();
    while running.join_next().await.is_some() {}
    Ok(())
}

async fn store(args: &Args) -> Result<Arc<dyn DynPolicyStore>, Box<dyn Error + Send + Sync>> {
    let Some(url) = &args.redis else {
        tracing::warn!("policies are kept in memory: a restart forgets them (--redis)");
        return Ok(Arc::new(MemoryStore::new(args.capacity)));
    };
    let store = RedisStore::connect(url).await?;
    match store.eviction().await? {
        Eviction::Never => {}
        Eviction::Drops(policy) => {
            tracing::warn!(
                "Redis drops keys when it is full (maxmemory-policy {policy}): set noeviction"
            );
        }
        Eviction::Unknown => {
            tracing::warn!("Redis does not tell its maxmemory-policy: it must be noeviction");
        }
    }
    Ok(Arc::new(store.with_prefix(&args.redis_prefix)))
}

fn discovery_options(args: &Args) -> DiscoveryOptions {
    // Each process refreshes at times of its own.
    let mut options = DiscoveryOptions::new().spread_key(RandomState::new().hash_one(()));
    if args.discovery.ask_each_time {
        options = options.ask_each_time();
    }
    if args.discovery.lenient {
        options = options.parse_options(ParseOptions::lenient());
    }
    options
}
