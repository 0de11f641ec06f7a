//! [`HickoryResolver`]: the DNS for a sender, by `hickory-resolver`.
//!
//! To copy: this file. It needs the crates `hickory-resolver` (features `tokio`, `system-config`, `dnssec-ring`), `mta-sts` and `tokio`
//! (feature `time`).

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as HickoryDnsError, NetError, NoRecords};
use hickory_resolver::proto::dnssec::{Proof, TrustAnchors};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use mta_sts::{DnsError, Resolver, TxtAnswer};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// How long a look-up may take in all: every server, every attempt, every step of a chain of CNAMEs.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Who checks the signatures of DNSSEC.
#[derive(Clone)]
pub enum Dnssec {
    /// Nobody here. A validating name server answers SERVFAIL for what is bogus, and that is no answer; but nothing is ever
    /// [`authenticated`](Answer::authenticated).
    Upstream,
    /// This resolver, from the keys of the root zone on. The name servers must hand out signatures.
    Validate,
    /// This resolver, from these keys on.
    ValidateFrom(Arc<TrustAnchors>),
}

impl fmt::Debug for Dnssec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upstream => "Upstream",
            Self::Validate => "Validate",
            Self::ValidateFrom(_) => "ValidateFrom",
        })
    }
}

/// The records of one type at a name, behind CNAMEs if there are any. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// The records, in the order of the answer.
    pub records: Vec<T>,
    /// Whether this resolver found valid signatures over all of it, from a trusted key on.
    pub authenticated: bool,
}

/// An MX record that is not the null MX.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mx {
    /// The lower, the earlier it is tried.
    pub preference: u16,
    /// The host: lower case, A-labels, no final dot.
    pub host: String,
}

/// Where the mail of a domain goes (RFC 5321 §5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailHosts {
    /// The hosts of the MX records, in the order of their preference.
    Listed(Answer<Mx>),
    /// The domain has no MX records: it is the host itself, if it has an address.
    Itself,
    /// The null MX (RFC 7505): the domain takes no mail.
    Nowhere,
}

/// A TLSA record (RFC 6698 §2.1), as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tlsa {
    /// What kind of certificate is meant: 2 is an authority (DANE-TA), 3 that of the server (DANE-EE).
    pub usage: u8,
    /// Which part of it: 0 the certificate, 1 the public key.
    pub selector: u8,
    /// How it is told: 0 in full, 1 by SHA-256, 2 by SHA-512.
    pub matching: u8,
    /// The association data.
    pub data: Vec<u8>,
}

/// Looks names up by `hickory-resolver`.
///
/// Names are taken as absolute: no search list, no hosts file. CNAMEs are followed. An absence is told from a failure. Nothing is
/// cached: that is the work of the name server, and a recheck wants to ask it.
#[derive(Clone, Debug)]
pub struct HickoryResolver {
    inner: TokioResolver,
    validates: bool,
}

impl HickoryResolver {
    /// A resolver that asks the name servers of this machine (`/etc/resolv.conf`).
    ///
    /// # Errors
    ///
    /// That the configuration cannot be read, or names no server.
    pub fn from_system(dnssec: Dnssec) -> Result<Self, NetError> {
        let (config, options) = read_system_conf()?;
        Self::new(config, options, dnssec)
    }

    /// A resolver that asks this name server.
    ///
    /// # Errors
    ///
    /// None that depends on the address.
    pub fn at(server: SocketAddr, dnssec: Dnssec) -> Result<Self, NetError> {
        let connections =
            [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                connection.port = server.port();
                connection
            });
        let server = NameServerConfig::new(server.ip(), true, connections.into());
        let config = ResolverConfig::from_name_servers(vec![server]);
        Self::new(config, ResolverOpts::default(), dnssec)
    }

    /// A resolver with this configuration, but for what is fixed: see the type.
    ///
    /// # Errors
    ///
    /// None that depends on the network.
    pub fn new(
        config: ResolverConfig,
        options: ResolverOpts,
        dnssec: Dnssec,
    ) -> Result<Self, NetError> {
        let provider = TokioRuntimeProvider::default();
        let mut builder =
            TokioResolver::builder_with_config(config, provider).with_options(options);
        let options = builder.options_mut();
        options.use_hosts_file = ResolveHosts::Never;
        // CNAMEs stay in the answers, so that the records behind them are told from others. (A cache would lose some.)
        options.preserve_intermediates = true;
        options.cache_size = 0;
        options.validate = !matches!(dnssec, Dnssec::Upstream);
        if let Dnssec::ValidateFrom(anchors) = dnssec {
            builder = builder.with_trust_anchor(anchors);
        }
        let inner = builder.build()?;
        Ok(Self {
            validates: inner.options().validate,
            inner,
        })
    }

    /// Where mail for the domain goes.
    ///
    /// # Errors
    ///
    /// The domain does not exist, or there was no answer.
    pub async fn mail_hosts(&self, domain: &str) -> Result<MailHosts, DnsError> {
        let mut answer = match self.records(domain, RecordType::MX, mx).await {
            Err(DnsError::NoData) => return Ok(MailHosts::Itself),
            answer => answer?,
        };
        answer.records.retain(|mx| !mx.host.is_empty());
        if answer.records.is_empty() {
            return Ok(MailHosts::Nowhere);
        }
        answer.records.sort();
        Ok(MailHosts::Listed(answer))
    }

    /// The name that a CNAME here leads to.
    ///
    /// # Errors
    ///
    /// There is no CNAME, or there was no answer.
    pub async fn alias(&self, name: &str) -> Result<Answer<String>, DnsError> {
        self.records(name, RecordType::CNAME, alias).await
    }

    /// All addresses of a host, IPv6 and IPv4 by turns.
    ///
    /// # Errors
    ///
    /// There is none. If one of the two questions was not answered and the other brought nothing, that is no answer.
    pub async fn addresses(&self, host: &str) -> Result<Answer<IpAddr>, DnsError> {
        let (v6, v4) = tokio::join!(
            self.records(host, RecordType::AAAA, address),
            self.records(host, RecordType::A, address)
        );
        match (v6, v4) {
            (Ok(v6), Ok(v4)) => Ok(Answer {
                authenticated: v6.authenticated && v4.authenticated,
                records: by_turns(v6.records, v4.records),
            }),
            (Ok(answer), Err(_)) | (Err(_), Ok(answer)) => Ok(answer),
            (Err(DnsError::NoSuchDomain | DnsError::NoData), Err(error)) | (Err(error), Err(_)) => {
                Err(error)
            }
        }
    }

    /// The TLSA records for SMTP at a host (RFC 7672 §2.2). Of use only if they are authenticated.
    ///
    /// # Errors
    ///
    /// There is none, or there was no answer.
    pub async fn tlsa(&self, host: &str, port: u16) -> Result<Answer<Tlsa>, DnsError> {
        let name = format!("_{port}._tcp.{host}");
        self.records(&name, RecordType::TLSA, tlsa).await
    }

    /// The records of this type at the end of the chain of CNAMEs that begins at the name.
    async fn records<T>(
        &self,
        name: &str,
        record_type: RecordType,
        read: fn(&RData) -> Option<T>,
    ) -> Result<Answer<T>, DnsError> {
        // A name that cannot be in the DNS is not there.
        let mut name = Name::from_ascii(name).map_err(|_| DnsError::NoSuchDomain)?;
        name.set_fqdn(true);
        let looking_up = self.inner.lookup(name.clone(), record_type);
        let lookup = tokio::time::timeout(TIME_LIMIT, looking_up)
            .await
            .map_err(|_| DnsError::Timeout)?
            .map_err(|error| failure(&name, &error))?;
        self.authenticated(&lookup, record_type)
            .and_then(|authenticated| {
                let end = match record_type {
                    RecordType::CNAME => &name,
                    _ => canonical(lookup.answers(), &name),
                };
                let at_end = lookup.answers().iter().filter(|record| record.name == *end);
                let records: Vec<_> = at_end.filter_map(|record| read(&record.data)).collect();
                if records.is_empty() {
                    return Err(DnsError::NoData);
                }
                Ok(Answer {
                    records,
                    authenticated,
                })
            })
    }

    /// Whether the answer is signed; the error if it should be and is not.
    fn authenticated(&self, lookup: &Lookup, record_type: RecordType) -> Result<bool, DnsError> {
        if !self.validates {
            return Ok(false);
        }
        let matters =
            |record: &&Record| [record_type, RecordType::CNAME].contains(&record.record_type());
        let mut authenticated = true;
        for record in lookup.answers().iter().filter(matters) {
            match record.proof {
                Proof::Secure => {}
                Proof::Insecure => authenticated = false,
                Proof::Bogus => return Err(DnsError::Bogus),
                Proof::Indeterminate => return Err(DnsError::ServerFailure),
            }
        }
        Ok(authenticated)
    }
}

impl Resolver for HickoryResolver {
    async fn txt(&self, name: &str) -> Result<TxtAnswer, DnsError> {
        let answer = self.records(name, RecordType::TXT, txt).await?;
        Ok(answer.records.into_iter().collect())
    }
}

/// The character-strings of a TXT record.
fn txt(data: &RData) -> Option<Box<[Box<[u8]>]>> {
    match data {
        RData::TXT(txt) => Some(txt.txt_data.clone()),
        _ => None,
    }
}

/// An MX record; the host of the null MX is empty.
fn mx(data: &RData) -> Option<Mx> {
    match data {
        RData::MX(mx) => Some(Mx {
            preference: mx.preference,
            host: text(&mx.exchange),
        }),
        _ => None,
    }
}

fn alias(data: &RData) -> Option<String> {
    match data {
        RData::CNAME(target) => Some(text(&target.0)),
        _ => None,
    }
}

/// A name as people write it: lower case, A-labels, no final dot.
fn text(name: &Name) -> String {
    let name = name.to_lowercase().to_ascii();
    name.trim_end_matches('.').to_owned()
}

fn address(data: &RData) -> Option<IpAddr> {
    data.ip_addr()
}

fn tlsa(data: &RData) -> Option<Tlsa> {
    match data {
        RData::TLSA(tlsa) => Some(Tlsa {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            data: tlsa.cert_data.clone(),
        }),
        _ => None,
    }
}

/// The name to which the CNAMEs of an answer lead.
fn canonical<'a>(answers: &'a [Record], asked: &'a Name) -> &'a Name {
    let target = |name: &Name| {
        answers.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == *name => Some(&target.0),
            _ => None,
        })
    };
    // No chain is longer than the answer: so a circle ends too.
    let mut chain = std::iter::successors(Some(asked), |name| target(name)).take(answers.len());
    chain.by_ref().last().unwrap_or(asked)
}

/// One of each in turn, and then the rest of the longer list.
fn by_turns<T>(first: Vec<T>, second: Vec<T>) -> Vec<T> {
    let mut second = second.into_iter();
    let mut turns = Vec::new();
    for item in first {
        turns.push(item);
        turns.extend(second.next());
    }
    turns.extend(second);
    turns
}

/// What it means that there are no records. Only an answer that says so is an absence.
fn failure(name: &Name, error: &NetError) -> DnsError {
    match error {
        NetError::Timeout => DnsError::Timeout,
        NetError::Dns(HickoryDnsError::DnssecBogus) => DnsError::Bogus,
        NetError::Dns(HickoryDnsError::NoRecordsFound(none)) => absence(name, none),
        NetError::Dns(HickoryDnsError::Nsec {
            response, proof, ..
        }) => match proof {
            Proof::Bogus => DnsError::Bogus,
            // The zone may say so without proof, as if it were not signed.
            Proof::Secure | Proof::Insecure if response.answers.is_empty() => {
                by_code(response.response_code)
            }
            _ => DnsError::ServerFailure,
        },
        NetError::Dns(_) => DnsError::ServerFailure,
        _ => DnsError::Other,
    }
}

fn absence(name: &Name, none: &NoRecords) -> DnsError {
    // A server that only says who else to ask was not asked to recurse, or does not; and where the chain of CNAMEs is too long,
    // the resolver gives up and says "none" too, but about another name and without the start of authority that an answer would have.
    let is_referral = none.ns.is_some();
    let is_cut_chain = none.query.name() != name;
    if none.soa.is_none() && (is_referral || is_cut_chain) {
        return DnsError::ServerFailure;
    }
    by_code(none.response_code)
}

fn by_code(code: ResponseCode) -> DnsError {
    match code {
        ResponseCode::NXDomain => DnsError::NoSuchDomain,
        ResponseCode::NoError => DnsError::NoData,
        _ => DnsError::ServerFailure,
    }
}
