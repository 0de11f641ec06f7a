//! What the crate asks of the world: look-ups in the DNS, HTTPS requests, and a place to keep what was learned.
//!
//! Each trait has a companion for `dyn` ([`DynResolver`] …), implemented for all that implement the trait. `dyn DynResolver` and
//! pointers to a resolver (`&`, `Box`, `Arc`) are resolvers themselves, so `Arc<dyn DynResolver>` is one too.

use crate::cache::CacheEntry;
use crate::domain::PolicyDomain;
use crate::failure::{DnsError, FetchError};
use crate::fetch::{PolicyRequest, PolicyResponse};
use crate::time::UnixTime;
use crate::txt::TxtAnswer;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::pin::Pin;

/// Looks up TXT records.
///
/// # Contract
///
/// - `name` is absolute: it ends in a dot, and no search list may be applied to it.
/// - CNAMEs are followed (RFC 8461 [§3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1)).
/// - Each record is one [`push_record`](TxtAnswer::push_record) with all its character-strings. No record is left out or changed.
/// - "There is none" is told apart from "no answer": only NXDOMAIN is [`DnsError::NoSuchDomain`], only an empty answer
///   [`DnsError::NoData`]. Whoever mistakes a failure for an absence lets an attacker switch policies off.
/// - What does not pass DNSSEC validation is [`DnsError::Bogus`].
/// - It ends within some seconds, whatever the servers do.
pub trait Resolver: Send + Sync {
    /// All TXT records at the name.
    fn txt(&self, name: &str) -> impl Future<Output = Result<TxtAnswer, DnsError>> + Send;
}

/// Carries out the HTTPS request for a policy.
///
/// # Contract
///
/// It asks for [`PolicyRequest::url`] by GET and gives back the raw facts; what they mean is judged by the crate. It never
///
/// - follows a redirect;
/// - takes a response from a cache or stores one in a cache;
/// - sends or keeps cookies, or uses a proxy that the operator did not set up for this;
/// - asks for another content coding than `identity`;
/// - accepts a certificate that is not valid for [`PolicyRequest::policy_host`]: a DNS name in the certificate (never the common name)
///   that is the host or has `*` in place of its left-most label, a chain to an authority that is trusted, not expired
///   (RFC 8461 [§3.3](https://www.rfc-editor.org/rfc/rfc8461#section-3.3));
/// - speaks less than TLS 1.2, leaves out SNI, or takes another port than 443;
/// - gives back a body that is not whole: it reads through [`PolicyBody`](crate::PolicyBody) and reports
///   [`FetchError::Truncated`] for one that ends before its announced end;
/// - takes longer than [`PolicyRequest::TIMEOUT`] in all;
/// - connects to addresses that are not global, unless the operator says so: a stranger chooses them.
pub trait Fetcher: Send + Sync {
    /// The response, with its status, `Content-Type` and body, whatever they are.
    fn fetch(
        &self,
        request: &PolicyRequest,
    ) -> impl Future<Output = Result<PolicyResponse, FetchError>> + Send;
}

/// Keeps an entry for each domain.
///
/// # Contract
///
/// - [`load`](Self::load) gives `Ok(None)` only if there is no entry. Trouble, and an entry that does not decode, is a [`StoreError`]: mail
///   is deferred, because a policy may be there.
/// - [`save`](Self::save) never overwrites: it stores `stored.seen_at(now).merged(entry)`, for others may have stored meanwhile, and
///   what it stored lives for [`CacheEntry::keep_for`]. No life, no entry.
/// - [`list`](Self::list) leaves out an entry that does not decode, and says so to the operator: one bad entry must not keep the others from being
///   refreshed.
/// - A store that is full drops first what protects least, as `MemoryStore` (feature `std`) does.
///
/// # Examples
///
/// ```
/// use mta_sts::{CacheEntry, PolicyDomain, PolicyStore, StoreError, UnixTime};
/// use std::collections::BTreeMap;
/// use std::ops::Bound;
/// use std::sync::Mutex;
///
/// #[derive(Default)]
/// struct Store(Mutex<BTreeMap<PolicyDomain, CacheEntry>>);
///
/// impl PolicyStore for Store {
///     async fn load(&self, domain: &PolicyDomain) -> Result<Option<CacheEntry>, StoreError> {
///         Ok(self.0.lock().unwrap().get(domain).cloned())
///     }
///     async fn save(&self, domain: &PolicyDomain, entry: CacheEntry, now: UnixTime) -> Result<(), StoreError> {
///         let mut entries = self.0.lock().unwrap();
///         let stored = entries.remove(domain).unwrap_or_default();
///         let entry = stored.seen_at(now).merged(entry);
///         if !entry.keep_for(now).is_zero() {
///             entries.insert(domain.clone(), entry);
///         }
///         Ok(())
///     }
///     async fn remove(&self, domain: &PolicyDomain, now: UnixTime) -> Result<(), StoreError> {
///         let worth_keeping = |entry: &CacheEntry| !entry.clone().seen_at(now).keep_for(now).is_zero();
///         self.0.lock().unwrap().retain(|key, entry| key != domain || worth_keeping(entry));
///         Ok(())
///     }
///     async fn list(
///         &self, after: Option<&PolicyDomain>, limit: usize,
///     ) -> Result<Vec<(PolicyDomain, CacheEntry)>, StoreError> {
///         let behind = after.map_or(Bound::Unbounded, Bound::Excluded);
///         let entries = self.0.lock().unwrap();
///         let page = entries.range::<PolicyDomain, _>((behind, Bound::Unbounded)).take(limit);
///         Ok(page.map(|(domain, entry)| (domain.clone(), entry.clone())).collect())
///     }
/// }
/// ```
pub trait PolicyStore: Send + Sync {
    /// The entry of the domain.
    fn load(
        &self,
        domain: &PolicyDomain,
    ) -> impl Future<Output = Result<Option<CacheEntry>, StoreError>> + Send;

    /// Merges the entry into that of the domain; `now` is the moment at which the discovery began.
    fn save(
        &self,
        domain: &PolicyDomain,
        entry: CacheEntry,
        now: UnixTime,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Drops the entry of the domain if nothing in it is worth keeping at `now`: another sender may have stored a policy meanwhile.
    fn remove(
        &self,
        domain: &PolicyDomain,
        now: UnixTime,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// At most `limit` entries in an order of the store's own, which begins behind the domain `after`. An empty list is the end.
    fn list(
        &self,
        after: Option<&PolicyDomain>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(PolicyDomain, CacheEntry)>, StoreError>> + Send;
}

/// What a store ran into. Opaque; the cause is its [`source`](Error::source).
#[derive(Clone)]
pub struct StoreError(Arc<dyn Error + Send + Sync>);

impl StoreError {
    /// An error with this cause: an error of the store's own, or a text.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into().into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the policy store failed")
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreError").field(&self.0).finish()
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// [`Resolver`] for `dyn`.
pub trait DynResolver: Send + Sync {
    /// [`Resolver::txt`].
    fn dyn_txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<TxtAnswer, DnsError>>;
}

impl<T: Resolver> DynResolver for T {
    fn dyn_txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<TxtAnswer, DnsError>> {
        Box::pin(self.txt(name))
    }
}

impl Resolver for dyn DynResolver + '_ {
    async fn txt(&self, name: &str) -> Result<TxtAnswer, DnsError> {
        self.dyn_txt(name).await
    }
}

/// [`Fetcher`] for `dyn`.
pub trait DynFetcher: Send + Sync {
    /// [`Fetcher::fetch`].
    fn dyn_fetch<'a>(
        &'a self,
        request: &'a PolicyRequest,
    ) -> BoxFuture<'a, Result<PolicyResponse, FetchError>>;
}

impl<T: Fetcher> DynFetcher for T {
    fn dyn_fetch<'a>(
        &'a self,
        request: &'a PolicyRequest,
    ) -> BoxFuture<'a, Result<PolicyResponse, FetchError>> {
        Box::pin(self.fetch(request))
    }
}

impl Fetcher for dyn DynFetcher + '_ {
    async fn fetch(&self, request: &PolicyRequest) -> Result<PolicyResponse, FetchError> {
        self.dyn_fetch(request).await
    }
}

/// [`PolicyStore`] for `dyn`.
pub trait DynPolicyStore: Send + Sync {
    /// [`PolicyStore::load`].
    fn dyn_load<'a>(
        &'a self,
        domain: &'a PolicyDomain,
    ) -> BoxFuture<'a, Result<Option<CacheEntry>, StoreError>>;

    /// [`PolicyStore::save`].
    fn dyn_save<'a>(
        &'a self,
        domain: &'a PolicyDomain,
        entry: CacheEntry,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// [`PolicyStore::remove`].
    fn dyn_remove<'a>(
        &'a self,
        domain: &'a PolicyDomain,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// [`PolicyStore::list`].
    fn dyn_list<'a>(
        &'a self,
        after: Option<&'a PolicyDomain>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Entries, StoreError>>;
}

/// A page of a store.
type Entries = Vec<(PolicyDomain, CacheEntry)>;

impl<T: PolicyStore> DynPolicyStore for T {
    fn dyn_load<'a>(
        &'a self,
        domain: &'a PolicyDomain,
    ) -> BoxFuture<'a, Result<Option<CacheEntry>, StoreError>> {
        Box::pin(self.load(domain))
    }

    fn dyn_save<'a>(
        &'a self,
        domain: &'a PolicyDomain,
        entry: CacheEntry,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.save(domain, entry, now))
    }

    fn dyn_remove<'a>(
        &'a self,
        domain: &'a PolicyDomain,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.remove(domain, now))
    }

    fn dyn_list<'a>(
        &'a self,
        after: Option<&'a PolicyDomain>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Entries, StoreError>> {
        Box::pin(self.list(after, limit))
    }
}

impl PolicyStore for dyn DynPolicyStore + '_ {
    async fn load(&self, domain: &PolicyDomain) -> Result<Option<CacheEntry>, StoreError> {
        self.dyn_load(domain).await
    }

    async fn save(
        &self,
        domain: &PolicyDomain,
        entry: CacheEntry,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        self.dyn_save(domain, entry, now).await
    }

    async fn remove(&self, domain: &PolicyDomain, now: UnixTime) -> Result<(), StoreError> {
        self.dyn_remove(domain, now).await
    }

    async fn list(
        &self,
        after: Option<&PolicyDomain>,
        limit: usize,
    ) -> Result<Entries, StoreError> {
        self.dyn_list(after, limit).await
    }
}

/// The traits for pointers to what implements them.
macro_rules! pointers {
    ($($trait:ident { $($method:ident($($argument:ident: $type:ty),*) -> $output:ty;)* })*) => {$(
        pointers!(@ &T, $trait { $($method($($argument: $type),*) -> $output;)* });
        pointers!(@ Box<T>, $trait { $($method($($argument: $type),*) -> $output;)* });
        pointers!(@ Arc<T>, $trait { $($method($($argument: $type),*) -> $output;)* });
    )*};
    (@ $pointer:ty, $trait:ident { $($method:ident($($argument:ident: $type:ty),*) -> $output:ty;)* }) => {
        impl<T: $trait + ?Sized> $trait for $pointer {$(
            fn $method(&self, $($argument: $type),*) -> impl Future<Output = $output> + Send {
                (**self).$method($($argument),*)
            }
        )*}
    };
}

pointers! {
    Resolver {
        txt(name: &str) -> Result<TxtAnswer, DnsError>;
    }
    Fetcher {
        fetch(request: &PolicyRequest) -> Result<PolicyResponse, FetchError>;
    }
    PolicyStore {
        load(domain: &PolicyDomain) -> Result<Option<CacheEntry>, StoreError>;
        save(domain: &PolicyDomain, entry: CacheEntry, now: UnixTime) -> Result<(), StoreError>;
        remove(domain: &PolicyDomain, now: UnixTime) -> Result<(), StoreError>;
        list(after: Option<&PolicyDomain>, limit: usize) -> Result<Entries, StoreError>;
    }
}
