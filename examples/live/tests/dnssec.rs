//! What the resolver makes of signatures, with a root zone of our own.

use crate::support::dns::{self, resolver_with};
use hickory_resolver::proto::dnssec::crypto::Ed25519SigningKey;
use hickory_resolver::proto::dnssec::rdata::DNSKEY;
use hickory_resolver::proto::dnssec::{DnssecSigner, SigningKey, TrustAnchors};
use hickory_resolver::proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_resolver::proto::rr::rdata::{A, MX, NS, SOA, TLSA, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordSet, RecordType, RrKey};
use hickory_server::dnssec::NxProofKind;
use hickory_server::net::runtime::{Time, TokioRuntimeProvider};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use live::resolver::{Dnssec, HickoryResolver, MailHosts, Mx, Tlsa};
use mta_sts::{DnsError, Resolver, TxtAnswer};
use std::sync::Arc;
use std::time::Duration;

type Zone = InMemoryZoneHandler<TokioRuntimeProvider>;

/// A resolver that trusts the key of a signed root zone. In it are `signed.example`; `forged.example`, changed after it was signed; and
/// a delegation without a key to the zone `plain.example`.
pub(crate) async fn resolver() -> HickoryResolver {
    let key = Ed25519SigningKey::generate_pkcs8().unwrap();
    let key = Ed25519SigningKey::from_pkcs8(&key).unwrap();
    let public = key.to_public_key().unwrap();
    let mut anchors = TrustAnchors::empty();
    anchors.insert(&public);
    let day = Duration::from_secs(86_400);
    let signer = DnssecSigner::new(DNSKEY::from_key(&public), Box::new(key), Name::root(), day);

    let mut root = zone(".", Some(NxProofKind::Nsec));
    let tlsa = TLSA::new(
        CertUsage::DaneEe,
        Selector::Spki,
        Matching::Sha256,
        vec![7; 32],
    );
    let host = RData::A(A::new(192, 0, 2, 1));
    for (name, data) in [
        ("_mta-sts.signed.example.", text("v=STSv1; id=1")),
        ("_mta-sts.forged.example.", text("v=STSv1; id=1")),
        (
            "signed.example.",
            RData::MX(MX::new(10, name("mx.signed.example."))),
        ),
        ("mx.signed.example.", host.clone()),
        ("_25._tcp.mx.signed.example.", RData::TLSA(tlsa)),
        ("plain.example.", RData::NS(NS(name("ns.plain.example.")))),
        ("ns.plain.example.", host.clone()),
    ] {
        add(&mut root, name, data);
    }
    root.add_zone_signing_key_mut(signer).unwrap();
    root.secure_zone_mut().unwrap();
    let forged = RrKey::new(name("_mta-sts.forged.example.").into(), RecordType::TXT);
    let records = Arc::make_mut(root.records_get_mut().get_mut(&forged).unwrap());
    let signatures: Vec<_> = records.rrsigs().to_vec();
    let name_of_forged = name("_mta-sts.forged.example.");
    let mut changed = RecordSet::new(name_of_forged.clone(), RecordType::TXT, 0);
    changed.insert(
        Record::from_rdata(name_of_forged, 300, text("v=STSv1; id=2")),
        0,
    );
    for signature in signatures {
        changed.insert_rrsig(signature);
    }
    *records = changed;

    let mut plain = zone("plain.example.", None);
    add(&mut plain, "_mta-sts.plain.example.", text("v=STSv1; id=1"));
    add(
        &mut plain,
        "plain.example.",
        RData::MX(MX::new(10, name("mx.plain.example."))),
    );
    add(&mut plain, "mx.plain.example.", host);

    let root: Arc<Zone> = Arc::new(root);
    let mut parent = Catalog::new();
    parent.upsert(Name::root().into(), vec![root.clone()]);
    let mut all = Catalog::new();
    all.upsert(Name::root().into(), vec![root]);
    all.upsert(name("plain.example.").into(), vec![Arc::new(plain)]);
    let address = dns::serve_with(Recursive { parent, all }).await;
    resolver_with(address, Dnssec::ValidateFrom(Arc::new(anchors)))
}

/// Answers as a recursive server would: a DS record is the parent's.
struct Recursive {
    parent: Catalog,
    all: Catalog,
}

#[async_trait::async_trait]
impl RequestHandler for Recursive {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        to: R,
    ) -> ResponseInfo {
        let asked = request.request_info().unwrap().query.query_type();
        let is_of_parent = asked == RecordType::DS;
        let catalog = if is_of_parent {
            &self.parent
        } else {
            &self.all
        };
        catalog.handle_request::<R, T>(request, to).await
    }
}

fn zone(origin: &str, proofs: Option<NxProofKind>) -> Zone {
    let mut zone = Zone::empty(name(origin), ZoneType::Primary, AxfrPolicy::Deny, proofs);
    let soa = SOA::new(name(origin), name(origin), 1, 300, 300, 300, 300);
    add(&mut zone, origin, RData::SOA(soa));
    add(&mut zone, origin, RData::NS(NS(name("ns.plain.example."))));
    zone
}

fn add(zone: &mut Zone, owner: &str, data: RData) {
    assert!(zone.upsert_mut(Record::from_rdata(name(owner), 300, data), 0));
}

fn name(name: &str) -> Name {
    Name::from_ascii(name).unwrap()
}

fn text(text: &str) -> RData {
    RData::TXT(TXT::new(vec![text.to_owned()]))
}

#[tokio::test]
async fn signatures() {
    let resolver = resolver().await;
    let record = TxtAnswer::from_iter([["v=STSv1; id=1"]]);
    let rows = [
        ("_mta-sts.signed.example.", Ok(record.clone())),
        ("_mta-sts.plain.example.", Ok(record)),
        ("_mta-sts.forged.example.", Err(DnsError::Bogus)),
        // Proven absences, and one that needs no proof.
        ("nobody.signed.example.", Err(DnsError::NoSuchDomain)),
        ("mx.signed.example.", Err(DnsError::NoData)),
        ("nobody.plain.example.", Err(DnsError::NoSuchDomain)),
        ("mx.plain.example.", Err(DnsError::NoData)),
    ];
    for (name, wanted) in rows {
        assert_eq!(resolver.txt(name).await, wanted, "{name}");
    }
}

#[tokio::test]
async fn authenticated_answers() {
    let resolver = resolver().await;
    for (domain, is_signed) in [("signed.example", true), ("plain.example", false)] {
        let Ok(MailHosts::Listed(answer)) = resolver.mail_hosts(domain).await else {
            panic!("{domain} has an MX record")
        };
        let host = format!("mx.{domain}");
        let mx = Mx {
            preference: 10,
            host: host.clone(),
        };
        assert_eq!(
            (answer.records, answer.authenticated),
            (vec![mx], is_signed)
        );
        let addresses = resolver.addresses(&host).await.unwrap();
        assert_eq!(addresses.authenticated, is_signed, "{host}");
    }
    let answer = resolver.tlsa("mx.signed.example", 25).await.unwrap();
    let tlsa = Tlsa {
        usage: 3,
        selector: 1,
        matching: 1,
        data: vec![7; 32],
    };
    assert_eq!((answer.records, answer.authenticated), (vec![tlsa], true));
    let none = resolver.tlsa("mx.plain.example", 25).await;
    assert_eq!(none, Err(DnsError::NoSuchDomain));
}
