//! What is known of a deployment: each fact may be missing.

use crate::delivery::TlsOutcome;
use crate::domain::PolicyDomain;
use crate::failure::{DnsError, FetchError};
use crate::fetch::PolicyResponse;
use crate::policy::Policy;
use crate::record::PolicyId;
use crate::time::UnixTime;
use crate::txt::TxtAnswer;
use alloc::string::String;
use alloc::vec::Vec;

/// What is known of the deployment of one domain. Nothing is guessed from what was not given: such a check is
/// [not made](super::Audit::not_checked).
///
/// # Examples
///
/// ```
/// use mta_sts::{AuditOptions, Deployment, PolicyResponse, TxtAnswer, UnixTime, audit};
///
/// let body = b"version: STSv1\nmode: enforce\nmx: mx1.kestrel.net\nmax_age: 1209600\n";
/// let deployment = Deployment::new("kestrel.net".parse()?)
///     .record(Ok(TxtAnswer::from_iter([["v=STSv1; id=20261121"]])))
///     .policy(Ok(PolicyResponse::new(200, Some("text/plain"), *body)))
///     .mx(Ok(["mx1.kestrel.net", "mx2.kestrel.net"]));
/// let audit = audit(&deployment, &AuditOptions::new(UnixTime::from_secs(1_795_253_400)));
/// let finding = &audit.findings()[0];
/// assert_eq!((finding.code(), finding.subject()), ("audit-mx-not-covered", Some("mx2.kestrel.net")));
/// assert_eq!(audit.strict().refused().collect::<Vec<_>>(), ["mx2.kestrel.net"]);
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Deployment {
    pub(super) domain: PolicyDomain,
    pub(super) record: Option<Result<TxtAnswer, DnsError>>,
    pub(super) delegated_to: Option<String>,
    pub(super) elsewhere: Vec<(String, TxtAnswer)>,
    pub(super) policy: Option<Result<PolicyResponse, FetchError>>,
    pub(super) mx: Option<Result<Vec<String>, DnsError>>,
    pub(super) tls: Vec<HostTls>,
    pub(super) tls_rpt: Option<Result<TxtAnswer, DnsError>>,
    pub(super) previous: Option<Snapshot>,
}

/// How TLS with an MX host went.
#[derive(Clone, Debug)]
pub(super) struct HostTls {
    pub(super) host: String,
    /// `None`: the host was not reached.
    pub(super) outcome: Option<TlsOutcome>,
}

/// What a deployment was like before.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) taken_at: UnixTime,
    pub(super) id: PolicyId,
    pub(super) policy: Policy,
}

impl Deployment {
    /// A deployment of which only the domain is known.
    pub const fn new(domain: PolicyDomain) -> Self {
        Self {
            domain,
            record: None,
            delegated_to: None,
            elsewhere: Vec::new(),
            policy: None,
            mx: None,
            tls: Vec::new(),
            tls_rpt: None,
            previous: None,
        }
    }

    /// The answer to TXT at [`PolicyDomain::record_name`].
    pub fn record(mut self, answer: Result<TxtAnswer, DnsError>) -> Self {
        self.record = Some(answer);
        self
    }

    /// The name that a CNAME at [`PolicyDomain::record_name`] leads to.
    pub fn record_cname(mut self, target: impl Into<String>) -> Self {
        self.delegated_to = Some(target.into());
        self
    }

    /// The answer to TXT at another name, where the record may have been put by mistake: the domain itself, for instance.
    pub fn txt_at(mut self, name: impl Into<String>, answer: TxtAnswer) -> Self {
        self.elsewhere.push((name.into(), answer));
        self
    }

    /// What came of the request for the policy; see [`Fetcher`](crate::Fetcher).
    pub fn policy(mut self, response: Result<PolicyResponse, FetchError>) -> Self {
        self.policy = Some(response);
        self
    }

    /// The names of the MX hosts in the order of their preference; `.` for a null MX (RFC 7505), none if there are no MX records.
    pub fn mx<S: Into<String>>(
        mut self,
        hosts: Result<impl IntoIterator<Item = S>, DnsError>,
    ) -> Self {
        self.mx = Some(hosts.map(|hosts| hosts.into_iter().map(Into::into).collect()));
        self
    }

    /// How TLS with this MX host went, checked by PKIX; a version below 1.2 is
    /// [`TlsFailure::ProtocolVersion`](crate::TlsFailure::ProtocolVersion).
    pub fn host(mut self, mx_host: impl Into<String>, outcome: TlsOutcome) -> Self {
        self.tls.push(HostTls {
            host: mx_host.into(),
            outcome: Some(outcome),
        });
        self
    }

    /// This MX host could not be reached.
    pub fn unreachable_host(mut self, mx_host: impl Into<String>) -> Self {
        self.tls.push(HostTls {
            host: mx_host.into(),
            outcome: None,
        });
        self
    }

    /// The answer to TXT at [`PolicyDomain::tls_rpt_name`].
    pub fn tls_rpt(mut self, answer: Result<TxtAnswer, DnsError>) -> Self {
        self.tls_rpt = Some(answer);
        self
    }

    /// What the deployment was like at an earlier time.
    pub fn previous(mut self, taken_at: UnixTime, id: PolicyId, policy: Policy) -> Self {
        self.previous = Some(Snapshot {
            taken_at,
            id,
            policy,
        });
        self
    }
}
