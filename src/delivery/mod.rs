//! What to do with one candidate MX host (RFC 8461 §4, §5; DANE by RFC 7672), before and after connecting.

mod judgement;
mod requirement;

pub use judgement::{Action, PolicyResult, Session, TlsOutcome, TlsVerdict, Verdict};
pub use requirement::{Starttls, TlsRequirement, Verification};

use crate::discovery::{CertificateBesideDane, Decision, Enforcement, Source, Undetermined};
use crate::failure::{PolicyType, Reason};
use crate::policy::Mode;
use requirement::Check;

/// What the TLSA records of an MX host say (RFC 7672 [§2.2](https://www.rfc-editor.org/rfc/rfc7672#section-2.2)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "each one is a security decision")]
pub enum Dane {
    /// DNSSEC says that there are none, the zone is not signed, or the sender does not do DANE.
    NotApplicable,
    /// At least one that can be used.
    Usable,
    /// Some, none of which can be used.
    Unusable,
    /// Not known: the look-up of addresses or TLSA records failed, or the answer is bogus.
    LookupFailed,
}

/// What a message asks of its delivery.
///
/// # Examples
///
/// ```
/// use mta_sts::{Candidate, Dane, Decision, MessageClass, Policy, Starttls, UnixTime};
///
/// let policy = Policy::parse(b"version: STSv1\nmode: enforce\nmx: mx.kestrel.net\nmax_age: 86400\n")?;
/// let decision = Decision::configured("kestrel.net".parse()?, policy, UnixTime::from_secs(1_795_253_400));
/// // A host that the policy does not name, and a report that must arrive all the same.
/// let host = "elsewhere.example";
/// assert!(matches!(decision.candidate(host, Dane::NotApplicable), Candidate::Skip(_)));
/// let report = decision.candidate_for(MessageClass::TlsReport, host, Dane::NotApplicable);
/// let Candidate::Connect(session) = report else { panic!() };
/// assert_eq!(session.requirement().starttls(), Starttls::Opportunistic);
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "each one is a security decision")]
pub enum MessageClass {
    /// Nothing of its own.
    #[default]
    Ordinary,
    /// It carries TLS reports: it must be delivered despite all failures, and is not counted (RFC 8460
    /// [§3](https://www.rfc-editor.org/rfc/rfc8460#section-3), [§5.3](https://www.rfc-editor.org/rfc/rfc8460#section-5.3)).
    TlsReport,
    /// Its sender would rather have it delivered than protected: `TLS-Required: No` (RFC 8689
    /// [§5](https://www.rfc-editor.org/rfc/rfc8689#section-5)).
    TlsNotRequired,
    /// Its sender asks for TLS with an authenticated host: `REQUIRETLS` (RFC 8689
    /// [§4.2.1](https://www.rfc-editor.org/rfc/rfc8689#section-4.2.1)). Whether the host offers the extension too is for the caller to see.
    RequireTls,
}

/// Whether to connect to an MX host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[expect(
    clippy::exhaustive_enums,
    reason = "a host is connected to or it is not"
)]
pub enum Candidate {
    /// Connect, keep to [`Session::requirement`], then ask [`Session::judge`].
    Connect(Session),
    /// Do not connect: treat the host as unreachable, and go on to the next one.
    Skip(Verdict),
}

/// Whether the policy names the MX host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mx {
    Inside,
    Outside,
}

/// What MTA-STS says about the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sts {
    /// No policy, or mode `none`.
    Inactive,
    /// A valid record, and no policy to be had.
    Unavailable(Reason),
    Testing(Mx),
    Enforce(Mx),
}

impl Decision {
    /// What to do with this MX host of the domain, and an ordinary message.
    ///
    /// `mx_host` is the name in the MX record, or the domain itself if it has none. Ask for each host when its turn comes: the order of MX records
    /// is not changed by a policy (RFC 8461 [§8.4](https://www.rfc-editor.org/rfc/rfc8461#section-8.4)).
    ///
    /// | DANE | `enforce` | `testing` | `none`, no policy |
    /// |---|---|---|---|
    /// | not applicable | TLS mandatory, PKIX required | opportunistic, PKIX observed | opportunistic |
    /// | usable | mandatory, DANE and PKIX required | mandatory, DANE required, PKIX observed | mandatory, DANE required |
    /// | unusable | mandatory, PKIX required | mandatory, PKIX observed | mandatory, nothing verified |
    /// | look-up failed | skip the host | skip the host | skip the host |
    ///
    /// A host outside the policy is skipped in mode `enforce`, and reported in mode `testing`.
    ///
    /// # Examples
    ///
    /// ```
    /// use mta_sts::{Action, Candidate, Dane, Decision, Policy, TlsOutcome, UnixTime};
    ///
    /// let policy = Policy::parse(b"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 1209600\n")?;
    /// let decision = Decision::configured("example.com".parse()?, policy, UnixTime::from_secs(1_795_253_400));
    /// let Candidate::Connect(session) = decision.candidate("mx.example.com", Dane::NotApplicable) else {
    ///     panic!("the policy names this host");
    /// };
    /// // An attacker takes the offer of STARTTLS out.
    /// let verdict = session.judge(TlsOutcome::NotOffered);
    /// assert_eq!(verdict.action(), Action::Skip);
    /// assert_eq!(verdict.failure().unwrap().result_type().code(), "starttls-not-supported");
    /// # Ok::<(), mta_sts::Error>(())
    /// ```
    pub fn candidate(&self, mx_host: &str, dane: Dane) -> Candidate {
        self.candidate_for(MessageClass::Ordinary, mx_host, dane)
    }

    /// What to do with this MX host of the domain, and a message of this class.
    pub fn candidate_for(&self, class: MessageClass, mx_host: &str, dane: Dane) -> Candidate {
        match class {
            MessageClass::Ordinary => self.ordinary(mx_host, dane),
            MessageClass::TlsReport => {
                let opportunistic = (Starttls::Opportunistic, Check::Ignored, Check::Ignored);
                self.connect(class, mx_host, dane, opportunistic)
            }
            MessageClass::TlsNotRequired => {
                let pkix = match self.sts(mx_host) {
                    Sts::Enforce(_) | Sts::Testing(_) => Check::Observed,
                    Sts::Inactive | Sts::Unavailable(_) => Check::Ignored,
                };
                let observed = (Starttls::Opportunistic, pkix, Check::Observed);
                self.connect(class, mx_host, dane, observed)
            }
            MessageClass::RequireTls => self.authenticated(mx_host, dane),
        }
    }

    fn ordinary(&self, mx_host: &str, dane: Dane) -> Candidate {
        if let Some(unknown) = self.deferral() {
            return Verdict::skip(unknown, None, None);
        }
        let (required_beside_dane, observed_beside_dane) = match self.options().certificate {
            CertificateBesideDane::Checked => (Check::Required, Check::Observed),
            CertificateBesideDane::Replaced => (Check::Ignored, Check::Ignored),
        };
        let requirement = match (self.sts(mx_host), dane) {
            (Sts::Enforce(Mx::Outside), Dane::LookupFailed) => {
                let (mx, dane) = (Reason::MxMismatch, Reason::DaneLookupFailed);
                return Verdict::skip(mx, Some(mx), Some(dane));
            }
            (Sts::Enforce(Mx::Outside), Dane::NotApplicable | Dane::Usable | Dane::Unusable) => {
                return Verdict::skip(Reason::MxMismatch, Some(Reason::MxMismatch), None);
            }
            (
                Sts::Enforce(Mx::Inside) | Sts::Testing(_) | Sts::Inactive | Sts::Unavailable(_),
                Dane::LookupFailed,
            ) => {
                let dane = Reason::DaneLookupFailed;
                return Verdict::skip(dane, None, Some(dane));
            }
            (Sts::Enforce(Mx::Inside), Dane::NotApplicable | Dane::Unusable) => {
                (Starttls::Mandatory, Check::Required, Check::Ignored)
            }
            (Sts::Enforce(Mx::Inside), Dane::Usable) => {
                (Starttls::Mandatory, required_beside_dane, Check::Required)
            }
            (Sts::Testing(_), Dane::NotApplicable) => {
                (Starttls::Opportunistic, Check::Observed, Check::Ignored)
            }
            (Sts::Testing(_), Dane::Usable) => {
                (Starttls::Mandatory, observed_beside_dane, Check::Required)
            }
            (Sts::Testing(_), Dane::Unusable) => {
                (Starttls::Mandatory, Check::Observed, Check::Ignored)
            }
            (Sts::Inactive | Sts::Unavailable(_), Dane::NotApplicable) => {
                (Starttls::Opportunistic, Check::Ignored, Check::Ignored)
            }
            (Sts::Inactive | Sts::Unavailable(_), Dane::Usable) => {
                (Starttls::Mandatory, Check::Ignored, Check::Required)
            }
            (Sts::Inactive | Sts::Unavailable(_), Dane::Unusable) => {
                (Starttls::Mandatory, Check::Ignored, Check::Ignored)
            }
        };
        self.connect(MessageClass::Ordinary, mx_host, dane, requirement)
    }

    /// For a message that requires an authenticated host: usable TLSA records make it one, or a policy that names it.
    fn authenticated(&self, mx_host: &str, dane: Dane) -> Candidate {
        match (self.sts(mx_host), dane) {
            (Sts::Testing(Mx::Inside), Dane::NotApplicable | Dane::Unusable) => {
                let pkix = (Starttls::Mandatory, Check::Required, Check::Ignored);
                self.connect(MessageClass::RequireTls, mx_host, dane, pkix)
            }
            (
                Sts::Testing(Mx::Outside) | Sts::Inactive | Sts::Unavailable(_),
                Dane::NotApplicable | Dane::Unusable,
            ) => Verdict::skip(Reason::NotAuthenticated, None, None),
            (Sts::Enforce(_), _) | (_, Dane::Usable | Dane::LookupFailed) => {
                self.ordinary(mx_host, dane)
            }
        }
    }

    fn connect(
        &self,
        class: MessageClass,
        mx_host: &str,
        dane: Dane,
        (starttls, pkix, dane_check): (Starttls, Check, Check),
    ) -> Candidate {
        Candidate::Connect(Session {
            requirement: TlsRequirement {
                starttls,
                pkix,
                dane: dane_check,
            },
            sts: self.sts(mx_host),
            dane,
            certificate: self.options().certificate,
            class,
        })
    }

    fn sts(&self, mx_host: &str) -> Sts {
        let Some(policy) = self.policy() else {
            return match (self.policy_type(), self.failure()) {
                (PolicyType::Sts, Some(failure)) => Sts::Unavailable(failure.reason()),
                _ => Sts::Inactive,
            };
        };
        let mx = if policy.mx_matches(mx_host) {
            Mx::Inside
        } else {
            Mx::Outside
        };
        match (policy.mode(), self.enforcement()) {
            (Mode::Enforce, Enforcement::Full) => Sts::Enforce(mx),
            (Mode::Enforce, Enforcement::ReportOnly) | (Mode::Testing, _) => Sts::Testing(mx),
            (Mode::None, _) => Sts::Inactive,
        }
    }

    /// Why mail waits although no policy says so.
    fn deferral(&self) -> Option<Reason> {
        match (
            self.source(),
            self.options().undetermined,
            self.enforcement(),
        ) {
            (Source::Undetermined, Undetermined::Defer, Enforcement::Full) => {
                self.failure().map(|failure| failure.reason())
            }
            _ => None,
        }
    }
}
