//! Refreshing in the background (RFC 8461 §10.2): a policy that mail waits for is never fetched just then, and an attacker who blocks the way
//! must do so for the whole life of a policy.

use super::report;
use crate::network::{explain, now};
use crate::socketmap::Stop;
use mta_sts::{Fetcher, PolicyClient, PolicyDomain, PolicyStore, Purpose, Resolver};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How many entries are looked through at once.
const PAGE: usize = 200;

/// Refreshes what is due, at a bounded rate.
#[derive(Debug)]
pub struct Refresher<R, F, S> {
    client: Arc<PolicyClient<R, F, S>>,
    /// Between two looks at the whole store.
    pub interval: Duration,
    /// Between the beginnings of two fetches.
    pub pace: Duration,
    /// How many fetches are under way at once: one may take 70 seconds.
    pub at_once: usize,
}

impl<R, F, S> Refresher<R, F, S>
where
    R: Resolver + 'static,
    F: Fetcher + 'static,
    S: PolicyStore + 'static,
{
    /// One that looks every five minutes and begins two fetches a second, sixteen at once.
    pub fn new(client: Arc<PolicyClient<R, F, S>>) -> Self {
        Self {
            client,
            interval: Duration::from_secs(300),
            pace: Duration::from_millis(500),
            at_once: 16,
        }
    }

    /// Refreshes until it is stopped; what is under way then is given up, for nothing is lost by it.
    pub async fn run(self, stop: Stop) {
        let refreshing = async {
            loop {
                self.pass().await;
                sleep(self.interval).await;
            }
        };
        tokio::select! {
            () = stop.stopped() => {}
            () = refreshing => {}
        }
    }

    /// Goes through the store once.
    pub async fn pass(&self) {
        let places = Arc::new(Semaphore::new(self.at_once));
        let mut fetches = JoinSet::new();
        let mut after = None;
        loop {
            let due = match self.client.due(after.as_ref(), PAGE, now()).await {
                Ok(due) => due,
                Err(error) => {
                    tracing::error!("refreshing: {}", explain(&error));
                    break;
                }
            };
            for domain in due.domains() {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                    break;
                };
                let (client, domain) = (Arc::clone(&self.client), domain.clone());
                fetches.spawn(async move {
                    refresh(&client, &domain).await;
                    drop(place);
                });
                sleep(self.pace).await;
            }
            match due.next() {
                Some(next) => after = Some(next.clone()),
                None => break,
            }
        }
        while fetches.join_next().await.is_some() {}
    }
}

async fn refresh<R, F, S>(client: &PolicyClient<R, F, S>, domain: &PolicyDomain)
where
    R: Resolver,
    F: Fetcher,
    S: PolicyStore,
{
    match client.policy_for(domain, Purpose::Refresh, now()).await {
        Ok(lookup) => {
            tracing::info!(%domain, source = ?lookup.decision().source(), "refreshed");
            report(&lookup);
        }
        Err(error) => tracing::error!(%domain, "{}", explain(&error)),
    }
}
