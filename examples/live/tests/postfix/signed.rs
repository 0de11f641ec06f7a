//! A zone that is really signed, and validated: DANE is seen where it is, and its answer is not overridden.

use super::PLAIN;
use super::world::World;
use crate::dnssec;
use live::postfix::{AskTlsa, MailHost, PolicyTable, of_domain};
use live::socketmap::Lookup;
use mta_sts::{Dane, MemoryStore, PolicyClient};
use std::sync::Arc;

#[tokio::test]
async fn tlsa_records_count_in_a_signed_zone() {
    let resolver = dnssec::resolver().await;
    for (domain, dane) in [("signed", Dane::Usable), ("plain", Dane::NotApplicable)] {
        let name = format!("mx.{domain}.example");
        let domain = super::domain(&format!("{domain}.example"));
        let hosts = of_domain(&resolver, &domain, 25, AskTlsa::WhereSigned).await;
        assert_eq!(hosts, Ok(vec![MailHost { name, dane }]));
    }
    let world = World::default();
    let client = PolicyClient::new(world.clone(), world, MemoryStore::new(100));
    let table = PolicyTable::new(Arc::new(client), resolver, "mta-sts", PLAIN);
    for (key, wanted) in [
        ("signed.example", "OK dane-only"),
        // No TLSA record for this port: the proof of that is checked too.
        (
            "signed.example:587",
            "OK secure match=itself.example:mx.signed.example:xn--bcher-kva.example servername=hostname",
        ),
        (
            "plain.example",
            "OK secure match=mx.plain.example servername=hostname",
        ),
    ] {
        let reply = table.lookup(b"mta-sts", key.as_bytes()).await;
        assert_eq!(reply.to_string(), wanted, "{key}");
    }
}
