//! Parts to copy into a program that uses `mta-sts` with a real DNS and real HTTPS.
//!
//! The library opens no sockets; what it asks of the world are two traits. Here they are implemented on maintained crates, and every clause of their
//! contracts is tested against real servers. Each file says at its head what it needs.
//!
//! # Example
//!
//! A sender that keeps policies in memory:
//!
//! ```no_run
//! use live::fetcher::HttpsFetcher;
//! use live::resolver::{Dnssec, HickoryResolver};
//! use live::verify::system_authorities;
//! use mta_sts::{Candidate, Dane, MemoryStore, PolicyClient, Purpose, UnixTime};
//! use std::time::SystemTime;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let resolver = HickoryResolver::from_system(Dnssec::Upstream)?;
//! let fetcher = HttpsFetcher::new(resolver.clone(), system_authorities()?)?;
//! let client = PolicyClient::new(resolver, fetcher, MemoryStore::new(100_000));
//!
//! let domain = "example.com".parse()?;
//! let now = UnixTime::from(SystemTime::now());
//! let lookup = client.policy_for(&domain, Purpose::Deliver, now).await?;
//! match lookup.decision().candidate("mx1.example.com", Dane::NotApplicable) {
//!     Candidate::Connect(session) => println!("{:?}", session.requirement()),
//!     Candidate::Skip(verdict) => println!("{:?}", verdict.failure()),
//! }
//! # Ok(())
//! # }
//! ```

pub mod fetcher;
pub mod poster;
pub mod probe;
pub mod resolver;
pub mod verify;

pub mod network;
pub mod postfix;
pub mod redis_store;
pub mod socketmap;
