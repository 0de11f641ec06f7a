//! What came of a connection, and what follows.

use super::requirement::{Check, Starttls, TlsRequirement};
use super::{Candidate, Dane, MessageClass, Mx, Sts};
use crate::discovery::CertificateBesideDane;
use crate::error::display_as_str;
use crate::failure::{Failure, PolicyType, Reason, TlsFailure};

/// The verdict of one way to verify a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "each one is a security decision")]
pub enum TlsVerdict {
    /// Not tried.
    NotChecked,
    /// Valid.
    Passed,
    /// Not valid.
    Failed(TlsFailure),
}

/// What came of STARTTLS.
///
/// With TLS 1.3 a peer may refuse after the handshake seems done: it is established once the answer to EHLO inside TLS has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "each one is a security decision")]
pub enum TlsOutcome {
    /// The host does not offer STARTTLS.
    NotOffered,
    /// It answers STARTTLS with this reply code in place of 220.
    Refused(u16),
    /// The handshake failed.
    Failed(TlsFailure),
    /// There is TLS.
    Established {
        /// Whether the certificate is valid for the name of the MX host by PKIX (RFC 8461
        /// [§4.2](https://www.rfc-editor.org/rfc/rfc8461#section-4.2)).
        pkix: TlsVerdict,
        /// Whether the certificate matches a TLSA record.
        dane: TlsVerdict,
    },
}

/// What to do with the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a message is delivered or it is not"
)]
pub enum Action {
    /// Deliver: over TLS if it was established, else (only where TLS is opportunistic) without, on a new connection after a failed handshake.
    Deliver,
    /// Do not deliver to this host now. **Always transient**: the host counts as unreachable (RFC 8461
    /// [§8.4](https://www.rfc-editor.org/rfc/rfc8461#section-8.4)).
    Skip,
}

impl Action {
    /// `deliver` or `skip`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deliver => "deliver",
            Self::Skip => "skip",
        }
    }
}

display_as_str!(Action);

/// The result of a session under one policy, as TLS reports count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PolicyResult {
    policy_type: PolicyType,
    failures: [Option<Failure>; 2],
}

impl PolicyResult {
    fn new(policy_type: PolicyType, first: Option<Reason>, second: Option<Reason>) -> Self {
        Self {
            policy_type,
            failures: [first, second].map(|reason| reason.map(Failure::from)),
        }
    }

    /// The kind of policy.
    #[must_use]
    pub const fn policy_type(&self) -> PolicyType {
        self.policy_type
    }

    /// Whether the session was as the policy demands: it counts once, as a success or as a failure.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.failures().next().is_none()
    }

    /// What failed: details of one failed session.
    pub fn failures(&self) -> impl Iterator<Item = Failure> + use<> {
        self.failures.into_iter().flatten()
    }
}

/// What to do with a host, and what to report.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Verdict {
    action: Action,
    failure: Option<Failure>,
    results: [Option<PolicyResult>; 2],
}

impl Verdict {
    /// What to do.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Why the host is skipped; or what was found and did not matter, under a policy that tests for instance.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        self.failure
    }

    /// The results to be counted: for DANE, for MTA-STS, or for neither; none if the session does not count.
    pub fn results(&self) -> impl Iterator<Item = PolicyResult> + use<> {
        self.results.into_iter().flatten()
    }

    /// A host that is not connected to.
    pub(super) fn skip(reason: Reason, sts: Option<Reason>, tlsa: Option<Reason>) -> Candidate {
        let result = |policy_type, failure: Option<Reason>| {
            failure.map(|reason| PolicyResult::new(policy_type, Some(reason), None))
        };
        Candidate::Skip(Self {
            action: Action::Skip,
            failure: Some(reason.into()),
            results: [result(PolicyType::Tlsa, tlsa), result(PolicyType::Sts, sts)],
        })
    }
}

/// A connection to be made: what to keep to, and how to judge it.
///
/// Small and `Copy`: to be held across the handshake. A connection that was verified for one domain may carry the mail of another only if that domain's own
/// session gives [`Deliver`](Action::Deliver) for the same outcome; a resumed TLS session must have been verified as this one asks.
///
/// # Examples
///
/// ```
/// use mta_sts::{Action, Candidate, Dane, Decision, Policy, TlsFailure, TlsOutcome, TlsVerdict, UnixTime, Verification};
///
/// let policy = Policy::parse(b"version: STSv1\nmode: enforce\nmx: mx.kestrel.net\nmax_age: 86400\n")?;
/// let decision = Decision::configured("kestrel.net".parse()?, policy, UnixTime::from_secs(1_795_253_400));
/// let Candidate::Connect(session) = decision.candidate("mx.kestrel.net", Dane::NotApplicable) else { panic!() };
/// assert_eq!(session.requirement().verification(), Verification::RequirePkix);
///
/// let pkix = TlsVerdict::Failed(TlsFailure::CertificateExpired);
/// let verdict = session.judge(TlsOutcome::Established { pkix, dane: TlsVerdict::NotChecked });
/// assert_eq!(verdict.action(), Action::Skip);
/// assert_eq!(verdict.failure().unwrap().code(), "tls-certificate-expired");
/// // What is required and was not checked has not passed.
/// let unchecked = TlsOutcome::Established { pkix: TlsVerdict::NotChecked, dane: TlsVerdict::NotChecked };
/// assert_eq!(session.judge(unchecked).action(), Action::Skip);
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    pub(super) requirement: TlsRequirement,
    pub(super) sts: Sts,
    pub(super) dane: Dane,
    /// Whether the verdict of DANE stands for that of PKIX.
    pub(super) certificate: CertificateBesideDane,
    pub(super) class: MessageClass,
}

/// What became of a check.
#[derive(Clone, Copy)]
enum Finding {
    Passed,
    Failed(Reason),
    Unknown,
}

impl Finding {
    fn of(verdict: TlsVerdict) -> Self {
        match verdict {
            TlsVerdict::Passed => Self::Passed,
            TlsVerdict::Failed(failure) => Self::Failed(Reason::Tls(failure)),
            TlsVerdict::NotChecked => Self::Unknown,
        }
    }

    /// Why a check that matters this much stands in the way.
    fn refusal(self, check: Check) -> Option<Reason> {
        match check {
            Check::Required => self.failure(check),
            Check::Observed | Check::Ignored => None,
        }
    }

    const fn is_unknown(self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Why a check that matters this much did not pass. One that was not made counts only where it is required.
    fn failure(self, check: Check) -> Option<Reason> {
        match (self, check) {
            (Self::Failed(reason), Check::Required | Check::Observed) => Some(reason),
            (Self::Unknown, Check::Required) => Some(Reason::NotChecked),
            (Self::Passed, _) | (_, Check::Ignored) | (Self::Unknown, Check::Observed) => None,
        }
    }
}

impl Session {
    /// What TLS must be like.
    #[must_use]
    pub const fn requirement(self) -> TlsRequirement {
        self.requirement
    }

    /// What to do after STARTTLS, and what to report.
    pub fn judge(self, tls: TlsOutcome) -> Verdict {
        let (handshake, pkix, dane) = match tls {
            TlsOutcome::NotOffered => failed(Reason::StarttlsNotOffered),
            TlsOutcome::Refused(reply) => failed(Reason::StarttlsRefused(reply)),
            TlsOutcome::Failed(failure) => failed(Reason::Tls(failure)),
            TlsOutcome::Established { pkix, dane } => (None, Finding::of(pkix), Finding::of(dane)),
        };
        let TlsRequirement {
            starttls,
            pkix: pkix_check,
            dane: dane_check,
        } = self.requirement;
        let refusal = match starttls {
            Starttls::Mandatory => handshake
                .or(dane.refusal(dane_check))
                .or(pkix.refusal(pkix_check)),
            Starttls::Opportunistic => None,
        };
        let results = match self.class {
            MessageClass::TlsReport => [None, None],
            MessageClass::Ordinary | MessageClass::TlsNotRequired | MessageClass::RequireTls => [
                self.tlsa_result(handshake, dane),
                self.sts_result(handshake, pkix, dane),
            ],
        };
        let found = || {
            results
                .iter()
                .flatten()
                .find_map(|result| result.failures().next())
        };
        Verdict {
            action: if refusal.is_some() {
                Action::Skip
            } else {
                Action::Deliver
            },
            failure: refusal.map(Failure::from).or_else(found),
            results,
        }
    }

    /// The result under MTA-STS; or under no policy, if there is no DANE either.
    fn sts_result(
        self,
        handshake: Option<Reason>,
        pkix: Finding,
        dane: Finding,
    ) -> Option<PolicyResult> {
        let mx = match (self.sts, self.dane) {
            (Sts::Enforce(mx) | Sts::Testing(mx), _) => mx,
            (Sts::Unavailable(reason), _) => {
                return Some(PolicyResult::new(PolicyType::Sts, Some(reason), handshake));
            }
            (Sts::Inactive, Dane::NotApplicable) => {
                return Some(PolicyResult::new(
                    PolicyType::NoPolicyFound,
                    handshake,
                    None,
                ));
            }
            (Sts::Inactive, Dane::Usable | Dane::Unusable | Dane::LookupFailed) => return None,
        };
        let (certificate, check) = match (self.certificate, self.requirement.dane) {
            (CertificateBesideDane::Replaced, Check::Required) => (dane, Check::Required),
            _ => (pkix, self.requirement.pkix),
        };
        let mismatch = (mx == Mx::Outside).then_some(Reason::MxMismatch);
        let failure = certificate.failure(check);
        let known = matches!(certificate, Finding::Passed) || mismatch.or(failure).is_some();
        known.then(|| PolicyResult::new(PolicyType::Sts, mismatch, failure))
    }

    fn tlsa_result(self, handshake: Option<Reason>, dane: Finding) -> Option<PolicyResult> {
        let (first, second) = match (self.dane, self.requirement.dane) {
            // A check that was only observed, and not made, counts neither way.
            (Dane::Usable, check) if check != Check::Required && dane.is_unknown() => return None,
            (Dane::Usable, check) => (dane.failure(check), None),
            (Dane::Unusable, _) => (Some(Reason::DaneUnusable), handshake),
            (Dane::LookupFailed, _) => (Some(Reason::DaneLookupFailed), None),
            (Dane::NotApplicable, _) => return None,
        };
        Some(PolicyResult::new(PolicyType::Tlsa, first, second))
    }
}

/// A session without TLS: no check of its certificate passes.
fn failed(reason: Reason) -> (Option<Reason>, Finding, Finding) {
    (
        Some(reason),
        Finding::Failed(reason),
        Finding::Failed(reason),
    )
}
