//! The hosts of a next hop, and whether DANE applies to them (RFC 7672).

use crate::resolver::{Answer, HickoryResolver, MailHosts, Tlsa};
use futures_util::future::join_all;
use mta_sts::{Dane, DnsError, PolicyDomain};
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::timeout;

/// How long all of it may take. A discovery takes 70 seconds at most, and Postfix waits for 100.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// The most MX hosts that are looked at. Postfix tries five addresses of a domain.
const MOST_HOSTS: usize = 32;

/// What is asked of the DNS beside the records of MTA-STS.
pub trait MailDns: Send + Sync + 'static {
    /// Where the mail of a domain goes.
    fn mail_hosts(&self, domain: &str) -> impl Future<Output = Result<MailHosts, DnsError>> + Send;

    /// The addresses of a host.
    fn addresses(
        &self,
        host: &str,
    ) -> impl Future<Output = Result<Answer<IpAddr>, DnsError>> + Send;

    /// The TLSA records of a host.
    fn tlsa(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = Result<Answer<Tlsa>, DnsError>> + Send;
}

impl MailDns for HickoryResolver {
    async fn mail_hosts(&self, domain: &str) -> Result<MailHosts, DnsError> {
        self.mail_hosts(domain).await
    }

    async fn addresses(&self, host: &str) -> Result<Answer<IpAddr>, DnsError> {
        self.addresses(host).await
    }

    async fn tlsa(&self, host: &str, port: u16) -> Result<Answer<Tlsa>, DnsError> {
        self.tlsa(host, port).await
    }
}

/// A host, and what its TLSA records say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailHost {
    /// The name in the MX record.
    pub name: String,
    /// What the TLSA records say.
    pub dane: Dane,
}

/// Whether anybody asks for TLSA records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskTlsa {
    /// Where DNSSEC vouches for the way to the host.
    WhereSigned,
    /// Never.
    Never,
}

/// The MX hosts of a domain, in the order of their preference.
///
/// # Errors
///
/// They could not be found out.
pub async fn of_domain(
    dns: &impl MailDns,
    domain: &PolicyDomain,
    port: u16,
    tlsa: AskTlsa,
) -> Result<Vec<MailHost>, DnsError> {
    let looking = async {
        let (names, is_signed) = match dns.mail_hosts(domain.as_str()).await? {
            MailHosts::Listed(answer) => {
                let names = answer.records.into_iter().map(|mx| mx.host);
                (names.take(MOST_HOSTS).collect(), answer.authenticated)
            }
            MailHosts::Itself => (vec![domain.to_string()], true),
            MailHosts::Nowhere => (vec![], false),
        };
        // Who can change the MX records can change the hosts: TLSA records beneath say nothing about the domain then, and the policy does.
        let tlsa = if is_signed { tlsa } else { AskTlsa::Never };
        Ok(join_all(names.into_iter().map(|name| host(dns, name, port, tlsa))).await)
    };
    timeout(TIME_LIMIT, looking)
        .await
        .unwrap_or(Err(DnsError::Timeout))
}

/// A smart host that is connected to as it is.
pub async fn of_host(
    dns: &impl MailDns,
    name: &PolicyDomain,
    port: u16,
    tlsa: AskTlsa,
) -> Vec<MailHost> {
    let looking = host(dns, name.to_string(), port, tlsa);
    let found = timeout(TIME_LIMIT, looking).await;
    vec![found.unwrap_or_else(|_| MailHost {
        name: name.to_string(),
        dane: Dane::LookupFailed,
    })]
}

async fn host(dns: &impl MailDns, name: String, port: u16, tlsa: AskTlsa) -> MailHost {
    let dane = match tlsa {
        AskTlsa::Never => Dane::NotApplicable,
        AskTlsa::WhereSigned => dane(dns, &name, port).await,
    };
    MailHost { name, dane }
}

/// TLSA records are asked for only if the addresses are signed (RFC 7672 §2.2.2): many name servers of unsigned zones fail at the question.
async fn dane(dns: &impl MailDns, host: &str, port: u16) -> Dane {
    match dns.addresses(host).await {
        Ok(Answer {
            authenticated: true,
            ..
        }) => {}
        Ok(_) | Err(DnsError::NoSuchDomain | DnsError::NoData) => return Dane::NotApplicable,
        Err(_) => return Dane::LookupFailed,
    }
    match dns.tlsa(host, port).await {
        Ok(answer) if !answer.authenticated => Dane::NotApplicable,
        Ok(answer) if answer.records.iter().any(is_usable) => Dane::Usable,
        Ok(_) => Dane::Unusable,
        Err(DnsError::NoSuchDomain | DnsError::NoData) => Dane::NotApplicable,
        Err(_) => Dane::LookupFailed,
    }
}

/// RFC 7672 §3.1 knows DANE-TA and DANE-EE only; RFC 6698 §2.1 says what the data are.
fn is_usable(tlsa: &Tlsa) -> bool {
    let is_whole = match tlsa.matching {
        0 => !tlsa.data.is_empty(),
        1 => tlsa.data.len() == 32,
        2 => tlsa.data.len() == 64,
        _ => false,
    };
    matches!(tlsa.usage, 2 | 3) && matches!(tlsa.selector, 0 | 1) && is_whole
}
