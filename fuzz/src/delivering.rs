//! What is done with one MX host.

use super::choices::{dane, host, outcome};
use crate::names::is_match;
use arbitrary::{Arbitrary, Result, Unstructured};
use mta_sts::{
    Action, Candidate, Dane, Decision, Discovery, DiscoveryOptions, DnsError, FetchError, MaxAge,
    MessageClass, Mode, Policy, PolicyDomain, PolicyType, Purpose, Source, Starttls, TlsFailure,
    TlsOutcome, TlsVerdict, TxtAnswer, UnixTime, Verdict, Verification,
};

const NOW: UnixTime = UnixTime::from_secs(1_795_253_400);

/// A host, what is known of it, and what comes of connecting.
#[derive(Clone, Debug)]
pub struct Delivery {
    known: Known,
    defers_undetermined: bool,
    lets_dane_replace_pkix: bool,
    is_report_only: bool,
    class: MessageClass,
    mx_host: String,
    dane: Dane,
    outcome: TlsOutcome,
}

/// What is known of the domain's policy.
#[derive(Clone, Debug)]
enum Known {
    Policy(Policy),
    Absent,
    /// A valid record, and no policy to be had.
    Unavailable,
    Undetermined,
}

/// Every choice takes one byte.
impl<'a> Arbitrary<'a> for Delivery {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let known = match u.int_in_range(0..=5)? {
            0 => Known::Absent,
            1 => Known::Unavailable,
            2 => Known::Undetermined,
            _ => Known::Policy(policy(u)?),
        };
        Ok(Self {
            known,
            defers_undetermined: u.arbitrary()?,
            lets_dane_replace_pkix: u.arbitrary()?,
            is_report_only: u.arbitrary()?,
            class: class(u)?,
            dane: dane(u)?,
            outcome: outcome(u)?,
            mx_host: host(u)?,
        })
    }
}

fn policy(u: &mut Unstructured<'_>) -> Result<Policy> {
    let mode = *u.choose(&[Mode::Enforce, Mode::Testing, Mode::None])?;
    let mut builder = Policy::builder(mode, MaxAge::MAX);
    for _ in 0..u.int_in_range(1..=3)? {
        let pattern = u.choose(&[
            "mx.example.com",
            "*.example.com",
            "*.mail.example.net",
            "192.0.2.1",
        ])?;
        builder = builder.mx(pattern.parse().expect("a pattern"));
    }
    Ok(builder.build().expect("a policy"))
}

fn class(u: &mut Unstructured<'_>) -> Result<MessageClass> {
    use MessageClass::{Ordinary, RequireTls, TlsNotRequired, TlsReport};
    u.choose(&[Ordinary, TlsReport, TlsNotRequired, RequireTls])
        .copied()
}

/// A policy in mode `enforce` never lets mail go to a host that it does not name, nor to one whose certificate did not pass; usable TLSA records
/// never to one that does not match them. Nothing else holds mail back, and an exception never holds back more.
pub fn delivery(given: &Delivery) {
    let decision = given.decision();
    let delivers = |decision: &Decision| judged(given, decision).action() == Action::Deliver;
    let (verdict, is_delivered) = (judged(given, &decision), delivers(&decision));
    assert!(
        is_delivered || verdict.failure().is_some(),
        "why is not said"
    );

    let outcome = given.outcome;
    let (pkix, dane) = match outcome {
        TlsOutcome::Established { pkix, dane } => {
            (pkix == TlsVerdict::Passed, dane == TlsVerdict::Passed)
        }
        _ => (false, false),
    };
    let has_tls = matches!(outcome, TlsOutcome::Established { .. });
    let mode = decision.policy().map(Policy::mode);
    let is_named = decision.policy().is_some_and(|policy| {
        policy
            .mx()
            .any(|pattern| is_match(pattern.as_str(), &given.mx_host))
    });
    let is_enforced = mode == Some(Mode::Enforce) && !given.is_report_only;
    let has_dane = given.dane == Dane::Usable;
    let verified = pkix || (has_dane && given.lets_dane_replace_pkix && dane);
    let refused_by_policy = is_enforced && !(is_named && has_tls && verified);
    let refused_by_dane = match given.dane {
        Dane::NotApplicable => false,
        Dane::Usable => !(has_tls && dane),
        Dane::Unusable => !has_tls,
        Dane::LookupFailed => true,
    };
    let waits = decision.source() == Source::Undetermined
        && given.defers_undetermined
        && !given.is_report_only;
    let expected = match given.class {
        MessageClass::TlsReport | MessageClass::TlsNotRequired => true,
        MessageClass::Ordinary => !(refused_by_policy || refused_by_dane || waits),
        MessageClass::RequireTls => {
            let by_policy =
                matches!(mode, Some(Mode::Enforce | Mode::Testing)) && is_named && has_tls && pkix;
            let is_authenticated = (has_dane && dane) || by_policy;
            is_authenticated && !(refused_by_policy || refused_by_dane || waits)
        }
    };
    assert_eq!(is_delivered, expected, "{verdict:?}");
    assert!(!is_delivered || delivers(&decision.clone().report_only()));
    connected(given, &decision);
    counted(given, &verdict);
}

impl Delivery {
    fn decision(&self) -> Decision {
        let mut options = DiscoveryOptions::new();
        if self.defers_undetermined {
            options = options.defer_undetermined();
        }
        if self.lets_dane_replace_pkix {
            options = options.dane_replaces_pkix();
        }
        let domain: PolicyDomain = "example.com".parse().expect("a domain");
        let txt = match &self.known {
            Known::Policy(policy) => {
                let decision =
                    Decision::configured(domain, policy.clone(), NOW).with_options(&options);
                return self.excepted(decision);
            }
            Known::Absent => Err(DnsError::NoData),
            Known::Unavailable => Ok(TxtAnswer::from_iter([["v=STSv1; id=1"]])),
            Known::Undetermined => Err(DnsError::Timeout),
        };
        let discovery = Discovery::start(domain, None, Purpose::Deliver, NOW, &options);
        let conclusion = discovery.run(|_| txt.clone(), |_| Err(FetchError::Timeout));
        self.excepted(conclusion.decision().clone())
    }

    fn excepted(&self, decision: Decision) -> Decision {
        if self.is_report_only {
            decision.report_only()
        } else {
            decision
        }
    }
}

fn judged(given: &Delivery, decision: &Decision) -> Verdict {
    match decision.candidate_for(given.class, &given.mx_host, given.dane) {
        Candidate::Connect(session) => session.judge(given.outcome),
        Candidate::Skip(verdict) => {
            assert_eq!(verdict.action(), Action::Skip);
            verdict
        }
    }
}

/// What is asked of TLS before connecting is what decides afterwards.
fn connected(given: &Delivery, decision: &Decision) {
    let candidate = decision.candidate_for(given.class, &given.mx_host, given.dane);
    let Candidate::Connect(session) = candidate else {
        return;
    };
    let delivers = |outcome| session.judge(outcome).action() == Action::Deliver;
    let with = |pkix, dane| TlsOutcome::Established { pkix, dane };
    let (passed, failed) = (TlsVerdict::Passed, TlsVerdict::Failed(TlsFailure::Other));
    let requirement = session.requirement();
    assert_eq!(
        delivers(TlsOutcome::NotOffered),
        requirement.starttls() == Starttls::Opportunistic
    );
    let (pkix, dane) = match requirement.verification() {
        Verification::Nothing | Verification::ObservePkix => (false, false),
        Verification::RequirePkix => (true, false),
        Verification::RequireDane => (false, true),
        Verification::RequireBoth => (true, true),
    };
    assert!(delivers(with(passed, passed)));
    for bad in [failed, TlsVerdict::NotChecked] {
        assert_eq!(delivers(with(bad, passed)), !pkix);
        assert_eq!(delivers(with(passed, bad)), !dane);
    }
}

/// A session counts at most once for each kind of policy, and as a success for MTA-STS only if the policy is met.
fn counted(given: &Delivery, verdict: &Verdict) {
    let results: Vec<_> = verdict.results().collect();
    let types: Vec<_> = results
        .iter()
        .map(mta_sts::PolicyResult::policy_type)
        .collect();
    assert!(results.len() <= 2 && (results.len() < 2 || types[0] != types[1]));
    assert!(results.is_empty() || given.class != MessageClass::TlsReport);
    for result in &results {
        let TlsOutcome::Established { pkix, dane } = given.outcome else {
            assert!(!result.is_success());
            continue;
        };
        if result.is_success() && result.policy_type() == PolicyType::Tlsa {
            assert_eq!(dane, TlsVerdict::Passed);
        }
        if result.is_success() && result.policy_type() == PolicyType::Sts {
            assert!([pkix, dane].contains(&TlsVerdict::Passed));
            let Known::Policy(policy) = &given.known else {
                panic!("no policy is met")
            };
            assert!(
                policy
                    .mx()
                    .any(|pattern| is_match(pattern.as_str(), &given.mx_host))
            );
        }
    }
}
