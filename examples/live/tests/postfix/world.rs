//! A DNS and a web by table, for one program: no network.

use live::postfix::MailDns;
use live::resolver::{Answer, MailHosts, Mx, Tlsa};
use mta_sts::{DnsError, FetchError, Fetcher, PolicyRequest, PolicyResponse, Resolver, TxtAnswer};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

/// What is asked, in this order.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    asked: Arc<Mutex<Vec<String>>>,
}

impl World {
    /// What has been asked since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn note(&self, question: String) {
        self.asked.lock().unwrap().push(question);
    }
}

/// The policies. Not each domain with MX records has one.
fn policy(domain: &str) -> Option<&'static str> {
    Some(match domain {
        "enforced.example" => {
            "version: STSv1\nmode: enforce\nmx: mx1.enforced.example\nmx: *.pool.example\n\
             mx: spare.enforced.example\nmax_age: 604800\nnote: { policy_string = x }, a\n"
        }
        "wild.example"
        | "signed.example"
        | "itself.example"
        | "mixed.example"
        | "nowhere.example"
        | "lost.example"
        | "useless.example"
        | "broken.example"
        | "outside.example"
        | "strange.example"
        | "insecure.example"
        | "xn--bcher-kva.example" => {
            "version: STSv1\nmode: enforce\nmx: *.pool.example\nmx: itself.example\n\
             mx: xn--bcher-kva.example\nmx: *.signed.example\nmax_age: 604800\n"
        }
        "plain.example" => {
            "version: STSv1\nmode: enforce\nmx: *.signed.example\nmx: *.plain.example\nmax_age: 604800\n"
        }
        "relay.example" => "version: STSv1\nmode: enforce\nmx: relay.example\nmax_age: 604800\n",
        "once.example" => "version: STSv1\nmode: enforce\nmx: a.pool.example\nmax_age: 0\n",
        "testing.example" => "version: STSv1\nmode: testing\nmx: *.pool.example\nmax_age: 604800\n",
        "none.example" => "version: STSv1\nmode: none\nmax_age: 604800\n",
        "invalid.example" => "version: STSv1\nmode: enforce\nmx: *\nmax_age: 604800\n",
        _ => return None,
    })
}

impl Resolver for World {
    async fn txt(&self, name: &str) -> Result<TxtAnswer, DnsError> {
        self.note(format!("TXT {name}"));
        let domain = name.strip_prefix("_mta-sts.").unwrap();
        match domain.strip_suffix('.').unwrap() {
            "undetermined.example" => Err(DnsError::Timeout),
            "unfetched.example" => Ok(TxtAnswer::from_iter([["v=STSv1; id=1"]])),
            domain if policy(domain).is_some() => Ok(TxtAnswer::from_iter([["v=STSv1; id=1"]])),
            _ => Err(DnsError::NoSuchDomain),
        }
    }
}

impl Fetcher for World {
    async fn fetch(&self, request: &PolicyRequest) -> Result<PolicyResponse, FetchError> {
        self.note(format!("GET {}", request.url()));
        let body = policy(request.domain().as_str()).ok_or(FetchError::Connect)?;
        Ok(PolicyResponse::new(
            200,
            Some("text/plain"),
            body.as_bytes(),
        ))
    }
}

impl MailDns for World {
    async fn mail_hosts(&self, domain: &str) -> Result<MailHosts, DnsError> {
        self.note(format!("MX {domain}"));
        let (hosts, authenticated): (&[&str], _) = match domain {
            "enforced.example" => (
                &[
                    "b.pool.example",
                    "mx1.enforced.example",
                    "a.pool.example",
                    "deep.b.pool.example",
                ],
                false,
            ),
            "signed.example" => (&["b.pool.example", "tlsa.pool.example"], true),
            "mixed.example" => (&["b.pool.example", "failing.pool.example"], true),
            "insecure.example" => (&["b.pool.example", "tlsa.pool.example"], false),
            "useless.example" => (&["useless.pool.example"], true),
            "broken.example" => (&["failing.pool.example", "bogus.pool.example"], true),
            "outside.example" => (&["mx.elsewhere.example", "tlsa.elsewhere.example"], true),
            "strange.example" => (
                &[
                    "a b.pool.example",
                    "x{}.pool.example",
                    "under_score.pool.example",
                ],
                false,
            ),
            "wild.example" | "once.example" | "testing.example" => (&["a.pool.example"], false),
            "itself.example" | "xn--bcher-kva.example" => return Ok(MailHosts::Itself),
            "nowhere.example" => return Ok(MailHosts::Nowhere),
            _ => return Err(DnsError::ServerFailure),
        };
        let records = hosts.iter().enumerate().map(|(number, host)| Mx {
            preference: u16::try_from(number).unwrap(),
            host: (*host).to_owned(),
        });
        Ok(MailHosts::Listed(Answer {
            records: records.collect(),
            authenticated,
        }))
    }

    async fn addresses(&self, host: &str) -> Result<Answer<IpAddr>, DnsError> {
        self.note(format!("A {host}"));
        if host == "bogus.pool.example" {
            return Err(DnsError::Bogus);
        }
        Ok(Answer {
            records: vec![Ipv4Addr::LOCALHOST.into()],
            authenticated: ["tlsa", "failing", "useless", "relay"]
                .iter()
                .any(|it| host.starts_with(it)),
        })
    }

    async fn tlsa(&self, host: &str, port: u16) -> Result<Answer<Tlsa>, DnsError> {
        self.note(format!("TLSA {port} {host}"));
        let tlsa = |usage, matching, len| Tlsa {
            usage,
            selector: 1,
            matching,
            data: vec![1; len],
        };
        let records = match (host, port) {
            ("tlsa.pool.example" | "tlsa.elsewhere.example", 25) | ("relay.example", 587) => {
                vec![tlsa(1, 1, 32), tlsa(3, 1, 32)]
            }
            // For other trust than DANE's; not whole; of an unknown kind.
            ("useless.pool.example", 25) => vec![tlsa(1, 1, 32), tlsa(3, 2, 32), tlsa(3, 7, 32)],
            ("failing.pool.example", 25) => return Err(DnsError::ServerFailure),
            _ => return Err(DnsError::NoSuchDomain),
        };
        Ok(Answer {
            records,
            authenticated: true,
        })
    }
}
