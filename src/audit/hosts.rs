//! The MX hosts of a deployment by their names, and what is known of each.

use super::facts::{Deployment, HostTls};
use crate::failure::DnsError;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// What a null MX has in place of a name (RFC 7505).
pub(super) const NULL_MX: &str = ".";

/// The names of the MX hosts, each once and without a final dot: the domain itself if there are no MX records, none with a null MX or
/// if they are not known.
pub(super) fn hosts(deployment: &Deployment) -> Vec<String> {
    match &deployment.mx {
        Some(Ok(answer)) if !answer.is_empty() => {
            let mut seen = BTreeSet::new();
            let names = answer.iter().filter(|name| *name != NULL_MX);
            let hosts = names.filter(|name| seen.insert(key(name)));
            hosts.map(|name| relative(name).to_string()).collect()
        }
        Some(Ok(_) | Err(DnsError::NoData)) => vec![deployment.domain.to_string()],
        Some(Err(_)) | None => Vec::new(),
    }
}

/// The name without a final dot.
pub(super) fn relative(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// The same for two names that are the same but for case and a final dot.
pub(super) fn key(name: &str) -> String {
    relative(name).to_ascii_lowercase()
}

/// What is known of TLS with each host, by the [`key`] of its name; of several facts the first counts.
pub(super) fn tls_facts(deployment: &Deployment) -> BTreeMap<String, &HostTls> {
    let mut tls = BTreeMap::new();
    for facts in &deployment.tls {
        tls.entry(key(&facts.host)).or_insert(facts);
    }
    tls
}
