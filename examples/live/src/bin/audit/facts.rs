//! Everything that can be seen of a deployment from outside.

use crate::{moment, tls};
use futures_util::stream::{self, StreamExt};
use live::fetcher::HttpsFetcher;
use live::probe::{Probed, SmtpProbe, Unreached};
use live::resolver::{HickoryResolver, MailHosts, Mx};
use mta_sts::{
    DnsError, Domain, FetchError, Fetcher, PolicyDomain, PolicyRequest, PolicyResponse, Resolver,
    TxtAnswer, UnixTime,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use tokio_rustls::rustls::ProtocolVersion;

type Found = Result<Probed, Unreached>;

/// How many MX hosts of a domain are asked at a time.
const AT_A_TIME: usize = 8;

#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) domain: PolicyDomain,
    pub(crate) gathered: UnixTime,
    pub(crate) record: Result<TxtAnswer, DnsError>,
    /// Where a CNAME in place of the record leads.
    pub(crate) record_alias: Option<String>,
    /// What stands at other names where a record is put by mistake.
    pub(crate) elsewhere: Vec<(String, Result<TxtAnswer, DnsError>)>,
    pub(crate) policy: Result<PolicyResponse, FetchError>,
    /// In the order of their preference; the null MX has the host `.`.
    pub(crate) mx: Result<Vec<Mx>, DnsError>,
    pub(crate) hosts: Vec<tls::Host>,
    /// Why MX hosts were not reached.
    pub(crate) unreached: Vec<(String, Unreached)>,
    /// `None` for a domain that is too long to have it.
    pub(crate) tls_rpt: Option<Result<TxtAnswer, DnsError>>,
}

/// What gathers facts.
#[derive(Debug)]
pub(crate) struct Gatherer {
    pub(crate) resolver: HickoryResolver,
    pub(crate) fetcher: HttpsFetcher,
    /// `None` if MX hosts are not asked.
    pub(crate) probes: Option<Probes>,
}

/// What came of each MX host. Many domains have the same: each is asked once.
#[derive(Debug)]
pub(crate) struct Probes {
    probe: SmtpProbe,
    hosts: Mutex<HashMap<String, Arc<OnceCell<Found>>>>,
}

impl Gatherer {
    pub(crate) async fn gather(&self, domain: PolicyDomain) -> Facts {
        let resolver = &self.resolver;
        let record_name = domain.record_name();
        let request = PolicyRequest::new(domain.clone());
        // Without a final dot in a zone file the name of the zone stands behind it once more.
        let forgotten_dot = format!("{record_name}.{domain}");
        let tls_rpt_name = domain.tls_rpt_name();
        let tls_rpt = async { Some(resolver.txt(tls_rpt_name.as_deref()?).await) };
        let (record, alias, at_domain, at_twice, tls_rpt, policy, (mx, probed)) = tokio::join!(
            resolver.txt(&record_name),
            resolver.alias(&record_name),
            resolver.txt(domain.as_str()),
            resolver.txt(&forgotten_dot),
            tls_rpt,
            self.fetcher.fetch(&request),
            self.mail_hosts(&domain),
        );
        let record_alias = alias
            .ok()
            .and_then(|answer| answer.records.into_iter().next());
        let mut elsewhere = vec![(domain.to_string(), at_domain), (forgotten_dot, at_twice)];
        // A record that is led there is where it belongs.
        elsewhere.retain(|(name, _)| Some(name) != record_alias.as_ref());
        let mut hosts = Vec::new();
        let mut unreached = Vec::new();
        for (name, result) in probed {
            let (protocol, outcome) = match result {
                Ok(probed) => (probed.protocol.map(protocol), Some(probed.outcome)),
                Err(why) => {
                    unreached.push((name.clone(), why));
                    (None, None)
                }
            };
            hosts.push(tls::Host {
                name,
                protocol,
                outcome,
            });
        }
        Facts {
            gathered: moment::now(),
            record,
            record_alias,
            elsewhere,
            policy,
            mx,
            hosts,
            unreached,
            tls_rpt,
            domain,
        }
    }

    /// The MX records, and what came of asking their hosts.
    async fn mail_hosts(
        &self,
        domain: &PolicyDomain,
    ) -> (Result<Vec<Mx>, DnsError>, Vec<(String, Found)>) {
        let (mx, hosts) = match self.resolver.mail_hosts(domain.as_str()).await {
            Ok(MailHosts::Listed(answer)) => {
                let hosts = answer.records.iter().map(|mx| mx.host.clone()).collect();
                (Ok(answer.records), hosts)
            }
            Ok(MailHosts::Itself) => (Err(DnsError::NoData), vec![domain.to_string()]),
            Ok(MailHosts::Nowhere) => {
                let null = Mx {
                    preference: 0,
                    host: ".".to_owned(),
                };
                (Ok(vec![null]), Vec::new())
            }
            Err(error) => (Err(error), Vec::new()),
        };
        let Some(probes) = &self.probes else {
            return (mx, Vec::new());
        };
        (mx, probes.ask(hosts).await)
    }
}

impl Probes {
    pub(crate) fn new(probe: SmtpProbe) -> Self {
        Self {
            probe,
            hosts: Mutex::default(),
        }
    }

    /// What came of each of these hosts. Those are left out that are named again, and those whose name can be no host's: the audit says so itself.
    async fn ask(&self, mut hosts: Vec<String>) -> Vec<(String, Found)> {
        let mut seen = Vec::new();
        hosts.retain(|host| {
            let is_new = host.parse::<Domain>().is_ok() && !seen.contains(host);
            seen.push(host.clone());
            is_new
        });
        let asked = stream::iter(hosts).map(async |host| {
            let found = self.found(&host).await;
            (host, found)
        });
        asked.buffered(AT_A_TIME).collect().await
    }

    async fn found(&self, host: &str) -> Found {
        let cell = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(hosts.entry(host.to_owned()).or_default())
        };
        *cell.get_or_init(|| self.probe.probe(host)).await
    }
}

/// As OpenSSL writes it.
fn protocol(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => format!("TLSv{other:?}"),
    }
}
