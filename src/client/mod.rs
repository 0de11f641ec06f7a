//! Resolver, fetcher and store together: the policy of a domain by one call.

mod flight;
mod memory;

pub use memory::{Evicted, MemoryStore};

use crate::diagnostic::Severity;
use crate::discovery::{
    Conclusion, Decision, Discovery, DiscoveryOptions, Purpose, StoreAction, discover,
};
use crate::domain::PolicyDomain;
use crate::io::{Fetcher, PolicyStore, Resolver, StoreError};
use crate::time::UnixTime;
use alloc::vec::Vec;
use flight::{Boarding, Flights};

/// Finds policies, and keeps what it learns in a store.
///
/// For each domain and purpose one discovery runs at a time; whoever asks for the same meanwhile waits for it and shares its
/// result. No runtime, no thread, no lock held while waiting.
///
/// # Examples
///
/// ```
/// use mta_sts::{
///     DnsError, FetchError, Fetcher, MemoryStore, PolicyClient, PolicyRequest, PolicyResponse, Purpose, Resolver, Source,
///     TxtAnswer, UnixTime,
/// };
///
/// struct Dns;
/// impl Resolver for Dns {
///     async fn txt(&self, name: &str) -> Result<TxtAnswer, DnsError> {
///         match name {
///             "_mta-sts.example.com." => Ok(TxtAnswer::from_iter([["v=STSv1; id=1"]])),
///             _ => Err(DnsError::NoSuchDomain),
///         }
///     }
/// }
///
/// struct Https;
/// impl Fetcher for Https {
///     async fn fetch(&self, _: &PolicyRequest) -> Result<PolicyResponse, FetchError> {
///         let body = b"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 1209600\n";
///         Ok(PolicyResponse::new(200, Some("text/plain"), *body))
///     }
/// }
///
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #     match std::pin::pin!(future).poll(&mut context) {
/// #         std::task::Poll::Ready(output) => output,
/// #         std::task::Poll::Pending => unreachable!("nothing here waits"),
/// #     }
/// # }
/// let client = PolicyClient::new(Dns, Https, MemoryStore::new(10_000));
/// let domain = "example.com".parse()?;
/// let now = UnixTime::from_secs(1_795_253_400);
/// let lookup = block_on(client.policy_for(&domain, Purpose::Deliver, now)).unwrap();
/// assert_eq!(lookup.decision().source(), Source::Live);
/// // From now on nobody is asked, until the policy is due for a refresh.
/// let lookup = block_on(client.policy_for(&domain, Purpose::Deliver, now)).unwrap();
/// assert_eq!(lookup.decision().source(), Source::Cache);
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Debug)]
pub struct PolicyClient<R, F, S> {
    resolver: R,
    fetcher: F,
    store: S,
    options: DiscoveryOptions,
    flights: Flights,
}

impl<R: Resolver, F: Fetcher, S: PolicyStore> PolicyClient<R, F, S> {
    /// A client with the default options.
    pub fn new(resolver: R, fetcher: F, store: S) -> Self {
        Self {
            resolver,
            fetcher,
            store,
            options: DiscoveryOptions::default(),
            flights: Flights::default(),
        }
    }

    /// The same with these options.
    #[must_use]
    pub fn with_options(self, options: DiscoveryOptions) -> Self {
        Self { options, ..self }
    }

    /// The options.
    pub const fn options(&self) -> &DiscoveryOptions {
        &self.options
    }

    /// The resolver.
    pub const fn resolver(&self) -> &R {
        &self.resolver
    }

    /// The fetcher.
    pub const fn fetcher(&self) -> &F {
        &self.fetcher
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Finds the policy of a domain.
    ///
    /// With a fresh policy that is not due for a refresh only the store is asked. Dropping the future loses nothing: if others wait for the same, one of
    /// them goes on.
    ///
    /// # Errors
    ///
    /// What the store ran into when it was asked: whether the domain has a policy is not known, so the mail must wait. Trouble
    /// with storing is no error: the decision stands, and [`Lookup::save_error`] tells of it.
    pub async fn policy_for(
        &self,
        domain: &PolicyDomain,
        purpose: Purpose,
        now: UnixTime,
    ) -> Result<Lookup, StoreError> {
        if let Discovery::Done(conclusion) = self.start(domain, purpose, now).await? {
            return Ok(self.settle(domain, conclusion, now).await);
        }
        let ticket = self.flights.join(domain, purpose);
        match ticket.board().await {
            Boarding::Landed(result) => result.map(Lookup::without_alert),
            Boarding::Lead(leader) => {
                // Another flight may have landed since the store was asked: it is asked again.
                let result = match self.start(domain, purpose, now).await {
                    Ok(discovery) => {
                        let conclusion = discover(discovery, &self.resolver, &self.fetcher).await;
                        Ok(self.settle(domain, conclusion, now).await)
                    }
                    Err(error) => Err(error),
                };
                leader.land(&result);
                result
            }
        }
    }

    /// The domains among the next `limit` entries of the store whose policy is due for a refresh, to be looked up with
    /// [`Purpose::Refresh`]; from the beginning, or from the [`next`](Due::next) of the page before.
    ///
    /// # Errors
    ///
    /// What the store ran into.
    pub async fn due(
        &self,
        after: Option<&PolicyDomain>,
        limit: usize,
        now: UnixTime,
    ) -> Result<Due, StoreError> {
        let mut page = Due::default();
        for (domain, entry) in self.store.list(after, limit).await? {
            if entry.is_refresh_due(&domain, self.options.spread_key, now) {
                page.domains.push(domain.clone());
            }
            page.next = Some(domain);
        }
        Ok(page)
    }

    async fn start(
        &self,
        domain: &PolicyDomain,
        purpose: Purpose,
        now: UnixTime,
    ) -> Result<Discovery, StoreError> {
        let known = self.store.load(domain).await?;
        Ok(Discovery::start(
            domain.clone(),
            known,
            purpose,
            now,
            &self.options,
        ))
    }

    /// Does with the store what the conclusion says.
    async fn settle(&self, domain: &PolicyDomain, conclusion: Conclusion, now: UnixTime) -> Lookup {
        let (decision, store, alert) = conclusion.into_parts();
        let stored = match store {
            StoreAction::Keep => Ok(()),
            StoreAction::Save(entry) => self.store.save(domain, entry, now).await,
            StoreAction::Remove => self.store.remove(domain, now).await,
        };
        Lookup {
            decision,
            alert,
            save_error: stored.err(),
        }
    }
}

/// What a look-up came to.
#[derive(Clone, Debug)]
pub struct Lookup {
    decision: Decision,
    alert: Option<Severity>,
    save_error: Option<StoreError>,
}

impl Lookup {
    /// Which policy applies.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The decision alone.
    #[must_use]
    pub fn into_decision(self) -> Decision {
        self.decision
    }

    /// Whether the operator should hear that a policy could not be refreshed. Of those who share a discovery only one is told.
    #[must_use]
    pub const fn alert(&self) -> bool {
        self.alert.is_some()
    }

    /// How loudly; see [`Conclusion::alert_severity`].
    #[must_use]
    pub const fn alert_severity(&self) -> Option<Severity> {
        self.alert
    }

    /// What the store ran into when the result was to be kept: it will be looked up again.
    #[must_use]
    pub const fn save_error(&self) -> Option<&StoreError> {
        self.save_error.as_ref()
    }

    fn without_alert(self) -> Self {
        Self {
            alert: None,
            ..self
        }
    }
}

/// One page of the domains whose policy is due for a refresh; made by [`PolicyClient::due`].
#[derive(Clone, Debug, Default)]
pub struct Due {
    domains: Vec<PolicyDomain>,
    next: Option<PolicyDomain>,
}

impl Due {
    /// The domains.
    #[must_use]
    pub fn domains(&self) -> &[PolicyDomain] {
        &self.domains
    }

    /// Where the next page begins; `None` if this was behind the last entry.
    #[must_use]
    pub const fn next(&self) -> Option<&PolicyDomain> {
        self.next.as_ref()
    }
}
