//! Parts to copy into a program that uses `mta-sts` with a real DNS and real HTTPS.

pub mod fetcher;
pub mod resolver;
pub mod verify;

pub mod network;
pub mod postfix;
pub mod redis_store;
pub mod socketmap;
