//! [`RedisStore`]: what several senders know together, in Redis.
//!
//! To copy: this file. It needs the crates `mta-sts`, `redis` (features `tokio-comp`, `connection-manager`, `script`), `thiserror` and
//! `tracing`.
//!
//! Two kinds of keys below a prefix: `<prefix>:entry:<domain>` is the text form of an entry, with its life as expiry, and
//! `<prefix>:domains` a sorted set of the domains that have (or had) one, all with the same score, so in the order of their octets.

use mta_sts::{CacheEntry, Error as FormError, PolicyDomain, PolicyStore, StoreError, UnixTime};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ConnectionInfo, InfoDict, RedisError, Script};
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// The prefix that is taken unless another one is set. In a cluster its braces keep all keys together, as the scripts want it.
pub const PREFIX: &str = "{mta-sts}";

/// How long an answer may take, and a connection.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// How often a connection is tried again before a call fails.
const RECONNECTS: usize = 1;
/// How often a change is tried. Whoever loses a race lost it to another one's progress, so it takes that many rivals within one call.
const MAX_ATTEMPTS: usize = 100;
/// How many entries are asked for at once.
const PAGE: usize = 100;

/// Replaces an entry if it still is what was read (`ARGV[1]`, empty for none) by another one (`ARGV[2]`) with so many seconds to live
/// (`ARGV[3]`, 0 for none), and keeps the set of domains in step. Gives back nil, or what is there instead.
///
/// The merging is done in Rust, so a script cannot do it; and `WATCH` would want a connection for each change, because it is bound to
/// one. So this compares and sets.
const REPLACE: &str = "\
local stored = redis.call('GET', KEYS[1]) or ''
if stored ~= ARGV[1] then return stored end
if ARGV[3] == '0' then
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[2], ARGV[4])
else
    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
    redis.call('ZADD', KEYS[2], 0, ARGV[4])
end
return nil
";

/// Takes a domain out of the set, unless it has an entry again.
const FORGET: &str = "\
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end
return nil
";

/// Keeps entries in Redis, for as many senders as share it.
///
/// Redis must never drop keys of its own accord: a dropped policy is a domain without protection. So its `maxmemory-policy` must be
/// [`noeviction`](Self::eviction), and it should write to disk. When it is full, saving fails, and nothing that is known is lost.
///
/// An entry that does not decode is an error for [`load`](PolicyStore::load), [`save`](PolicyStore::save) and
/// [`remove`](PolicyStore::remove), until somebody deletes its key; [`list`](PolicyStore::list) leaves it out and logs it, so that it does
/// not stop the refreshing of all others.
#[derive(Clone)]
pub struct RedisStore {
    connection: ConnectionManager,
    prefix: String,
    replace: Script,
    forget: Script,
}

/// What Redis does when its memory is full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Eviction {
    /// It refuses to store more, as it must.
    Never,
    /// It drops keys; the name of its policy.
    Drops(String),
    /// It does not say.
    Unknown,
}

#[derive(Debug, Error)]
enum Trouble {
    #[error("Redis failed")]
    Redis(#[from] RedisError),
    #[error("the entry of {domain} in Redis does not decode: {error}")]
    Entry {
        domain: PolicyDomain,
        error: FormError,
    },
    #[error("the entry of {0} in Redis changed each time it was to be stored")]
    Contention(PolicyDomain),
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        Self::new(trouble)
    }
}

impl RedisStore {
    /// Connects: `redis://host:port/db`, `redis+unix:///path`, with user and password where they are wanted.
    ///
    /// # Errors
    ///
    /// The URL is none, or there is no Redis.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let client = Client::open(url).map_err(Trouble::from)?;
        Self::with_client(client).await
    }

    /// Connects with more choices than a URL has.
    ///
    /// # Errors
    ///
    /// There is no Redis.
    pub async fn connect_to(info: ConnectionInfo) -> Result<Self, StoreError> {
        let client = Client::open(info).map_err(Trouble::from)?;
        Self::with_client(client).await
    }

    async fn with_client(client: Client) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(RECONNECTS)
            .set_connection_timeout(Some(TIME_LIMIT))
            .set_response_timeout(Some(TIME_LIMIT));
        let connection = client
            .get_connection_manager_with_config(config)
            .await
            .map_err(Trouble::from)?;
        Ok(Self {
            connection,
            prefix: PREFIX.to_owned(),
            replace: Script::new(REPLACE),
            forget: Script::new(FORGET),
        })
    }

    /// The same with this prefix instead of [`PREFIX`].
    #[must_use]
    pub fn with_prefix(self, prefix: &str) -> Self {
        let prefix = prefix.to_owned();
        Self { prefix, ..self }
    }

    /// What Redis does when its memory is full. Anything but [`Eviction::Never`] deserves a warning.
    ///
    /// # Errors
    ///
    /// Redis does not answer.
    pub async fn eviction(&self) -> Result<Eviction, StoreError> {
        // `CONFIG GET` is refused to most users of a shared Redis, `INFO` is not.
        let mut connection = self.connection.clone();
        let info: InfoDict = redis::cmd("INFO")
            .arg("memory")
            .query_async(&mut connection)
            .await
            .map_err(Trouble::from)?;
        Ok(match info.get::<String>("maxmemory_policy") {
            Some(policy) if policy == "noeviction" => Eviction::Never,
            Some(policy) => Eviction::Drops(policy),
            None => Eviction::Unknown,
        })
    }

    fn key(&self, domain: &str) -> String {
        format!("{}:entry:{domain}", self.prefix)
    }

    fn index(&self) -> String {
        format!("{}:domains", self.prefix)
    }

    async fn read(&self, domain: &PolicyDomain) -> Result<Option<Vec<u8>>, Trouble> {
        let mut connection = self.connection.clone();
        let stored = redis::cmd("GET")
            .arg(self.key(domain.as_str()))
            .query_async(&mut connection)
            .await?;
        Ok(stored)
    }

    /// Puts in the place of the entry what `change` makes of it, whatever others do meanwhile.
    async fn change(
        &self,
        domain: &PolicyDomain,
        now: UnixTime,
        change: impl Fn(Option<CacheEntry>) -> Option<CacheEntry>,
    ) -> Result<(), Trouble> {
        let mut connection = self.connection.clone();
        let mut stored = self.read(domain).await?;
        for _ in 0..MAX_ATTEMPTS {
            let known = stored.as_deref().map(|stored| decode(domain, stored));
            let Some(entry) = change(known.transpose()?) else {
                return Ok(());
            };
            let rival: Option<Vec<u8>> = self
                .replace
                .key(self.key(domain.as_str()))
                .key(self.index())
                .arg(stored.unwrap_or_default())
                .arg(entry.to_bytes())
                .arg(entry.keep_for(now).as_secs())
                .arg(domain.as_str())
                .invoke_async(&mut connection)
                .await?;
            match rival {
                None => return Ok(()),
                Some(rival) => stored = Some(rival).filter(|rival| !rival.is_empty()),
            }
        }
        Err(Trouble::Contention(domain.clone()))
    }

    /// A part of the set of domains, behind `after`, with the entries.
    async fn page(
        &self,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Option<Vec<u8>>)>, Trouble> {
        let mut connection = self.connection.clone();
        let from = if after.is_empty() {
            "-".to_owned()
        } else {
            format!("({after}")
        };
        let domains: Vec<String> = redis::cmd("ZRANGEBYLEX")
            .arg(self.index())
            .arg(from)
            .arg("+")
            .arg("LIMIT")
            .arg(0)
            .arg(limit)
            .query_async(&mut connection)
            .await?;
        if domains.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = domains.iter().map(|domain| self.key(domain)).collect();
        let entries: Vec<Option<Vec<u8>>> = redis::cmd("MGET")
            .arg(keys)
            .query_async(&mut connection)
            .await?;
        Ok(domains.into_iter().zip(entries).collect())
    }

    /// The entry of a page, unless it has expired or is none.
    async fn listed(
        &self,
        name: &str,
        stored: Option<Vec<u8>>,
    ) -> Result<Option<(PolicyDomain, CacheEntry)>, Trouble> {
        let Some(stored) = stored else {
            let mut connection = self.connection.clone();
            let mut forget = self.forget.key(self.key(name));
            let forget = forget.key(self.index()).arg(name);
            let () = forget.invoke_async(&mut connection).await?;
            return Ok(None);
        };
        let Ok(domain) = name.parse::<PolicyDomain>() else {
            tracing::error!(
                "no domain, but among those in Redis: {}",
                name.escape_debug()
            );
            return Ok(None);
        };
        match decode(&domain, &stored) {
            Ok(entry) => Ok(Some((domain, entry))),
            Err(error) => {
                tracing::error!("{error}");
                Ok(None)
            }
        }
    }
}

impl PolicyStore for RedisStore {
    async fn load(&self, domain: &PolicyDomain) -> Result<Option<CacheEntry>, StoreError> {
        let stored = self.read(domain).await?;
        let entry = stored.map(|stored| decode(domain, &stored));
        Ok(entry.transpose()?)
    }

    async fn save(
        &self,
        domain: &PolicyDomain,
        entry: CacheEntry,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let merged = |stored: Option<CacheEntry>| match stored {
            Some(stored) => Some(stored.seen_at(now).merged(entry.clone())),
            None => Some(entry.clone()),
        };
        Ok(self.change(domain, now, merged).await?)
    }

    async fn remove(&self, domain: &PolicyDomain, now: UnixTime) -> Result<(), StoreError> {
        // Replaced by itself: without life it goes, and with life there is nothing to do.
        let expired = |stored: Option<CacheEntry>| stored.filter(|it| it.keep_for(now).is_zero());
        Ok(self.change(domain, now, expired).await?)
    }

    async fn list(
        &self,
        after: Option<&PolicyDomain>,
        limit: usize,
    ) -> Result<Vec<(PolicyDomain, CacheEntry)>, StoreError> {
        let mut entries = Vec::new();
        let mut after = after.map_or_else(String::new, PolicyDomain::to_string);
        // A page of expired domains alone is not the end.
        while entries.len() < limit {
            let page = self.page(&after, PAGE.min(limit - entries.len())).await?;
            let Some((last, _)) = page.last() else {
                break;
            };
            after.clone_from(last);
            for (name, stored) in page {
                entries.extend(self.listed(&name, stored).await?);
            }
        }
        Ok(entries)
    }
}

fn decode(domain: &PolicyDomain, stored: &[u8]) -> Result<CacheEntry, Trouble> {
    CacheEntry::from_bytes(stored).map_err(|error| Trouble::Entry {
        domain: domain.clone(),
        error,
    })
}

impl fmt::Debug for RedisStore {
    /// Without the connection, which knows a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut store = f.debug_struct("RedisStore");
        store.field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
