//! Audits of whole deployments, and plans.

use super::choices::{bytes, host, outcome};
use arbitrary::{Arbitrary, Result, Unstructured};
use mta_sts::{
    Audit, AuditOptions, AuditPart, Deployment, DnsError, FetchError, MediaType, ParseOptions,
    Policy, PolicyDomain, PolicyId, PolicyRequest, PolicyResponse, PublishHistory, PublishPlan,
    Severity, StsRecord, TlsOutcome, TxtAnswer, Unchecked, UnixTime, audit as audited,
};
use std::cmp::Reverse;
use std::time::Duration;

const NOW: UnixTime = UnixTime::from_secs(1_795_253_400);
const DAY: Duration = Duration::from_secs(86_400);

type Answer<T> = Option<Result<T, DnsError>>;

/// What is known of a deployment.
#[derive(Clone, Debug)]
pub struct Facts {
    record: Answer<TxtAnswer>,
    response: Option<Result<PolicyResponse, FetchError>>,
    mx: Answer<Vec<String>>,
    tls_rpt: Answer<TxtAnswer>,
    tls: Vec<(String, Option<TlsOutcome>)>,
    elsewhere: Option<(String, TxtAnswer)>,
    cname: Option<String>,
    previous: Option<Policy>,
    history: Option<u8>,
    is_public_suffix: Option<bool>,
}

/// Every choice takes one byte.
impl<'a> Arbitrary<'a> for Facts {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            record: answer(u, |u| records(u, b"v=STSv1; id=20261121"))?,
            response: response(u)?,
            mx: answer(u, |u| {
                (0..u.int_in_range(0..=3)?).map(|_| host(u)).collect()
            })?,
            tls_rpt: answer(u, |u| records(u, b"v=TLSRPTv1; rua=mailto:tls@example.com"))?,
            tls: (0..u.int_in_range(0..=3)?)
                .map(|_| Ok((host(u)?, some(u, outcome)?)))
                .collect::<Result<_>>()?,
            elsewhere: some(u, |u| Ok((host(u)?, records(u, b"v=STSv1; id=1")?)))?,
            cname: some(u, host)?,
            previous: some(u, |u| Ok(Policy::parse(policy_text(u)?).ok()))?.flatten(),
            history: u.arbitrary()?,
            is_public_suffix: u.arbitrary()?,
        })
    }
}

fn some<'a, T>(
    u: &mut Unstructured<'a>,
    value: impl FnOnce(&mut Unstructured<'a>) -> Result<T>,
) -> Result<Option<T>> {
    Ok(if u.arbitrary()? {
        Some(value(u)?)
    } else {
        None
    })
}

fn answer<'a, T>(
    u: &mut Unstructured<'a>,
    value: impl FnOnce(&mut Unstructured<'a>) -> Result<T>,
) -> Result<Answer<T>> {
    Ok(match u.int_in_range(0..=7)? {
        0 => None,
        1 => Some(Err(DnsError::NoSuchDomain)),
        2 => Some(Err(DnsError::NoData)),
        3 => Some(Err(DnsError::Timeout)),
        _ => Some(Ok(value(u)?)),
    })
}

/// Up to three: the usual one, or bytes.
fn records(u: &mut Unstructured<'_>, usual: &[u8]) -> Result<TxtAnswer> {
    let mut answer = TxtAnswer::new();
    for _ in 0..u.int_in_range(0..=3)? {
        let other = bytes(u)?;
        answer.push_record([if other.is_empty() { usual } else { other }]);
    }
    Ok(answer)
}

fn response(u: &mut Unstructured<'_>) -> Result<Option<Result<PolicyResponse, FetchError>>> {
    Ok(match u.int_in_range(0..=7)? {
        0 => None,
        1 => Some(Err(FetchError::Timeout)),
        2 => Some(Err(FetchError::Dns(DnsError::NoSuchDomain))),
        choice => {
            let status = if choice == 3 { u.arbitrary()? } else { 200 };
            let media_type = u.choose(&[Some("text/plain"), Some("text/html\x1b"), None])?;
            Some(Ok(PolicyResponse::new(
                status,
                *media_type,
                policy_text(u)?,
            )))
        }
    })
}

fn policy_text<'a>(u: &mut Unstructured<'a>) -> Result<&'a [u8]> {
    let known: [&[u8]; 5] = [
        b"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n",
        b"version: STSv1\nmode: testing\nmx: *.example.com\nmax_age: 86400\n",
        b"version: STSv1\nmode: none\nmax_age: 86400\n",
        b"version: STSv1\nmode: enforce\nmx: mx.example.com.\nmax_age: 31557600\n\n",
        b"",
    ];
    let text = *u.choose(&known)?;
    if text.is_empty() { bytes(u) } else { Ok(text) }
}

fn domain() -> PolicyDomain {
    "example.com".parse().expect("a domain")
}

/// An audit tells its findings in order, in places that are there and lines that can be logged; says what it did not look at; and has an error
/// wherever a sender refuses a host. What is planned has no error.
pub fn audit(facts: &Facts) {
    let test = |_: &str| facts.is_public_suffix == Some(true);
    let mut options = AuditOptions::new(NOW);
    if facts.is_public_suffix.is_some() {
        options = options.public_suffix(&test);
    }
    let audit = audited(&facts.deployment(), &options);
    findings(&audit, facts);
    senders(&audit, facts);
    if let Some(policy) = facts.policy(ParseOptions::strict()) {
        planned(&policy);
    }
}

impl Facts {
    fn deployment(&self) -> Deployment {
        let mut deployment = Deployment::new(domain());
        if let Some(record) = &self.record {
            deployment = deployment.record(record.clone());
        }
        if let Some(response) = &self.response {
            deployment = deployment.policy(response.clone());
        }
        if let Some(mx) = &self.mx {
            deployment = deployment.mx(mx.clone());
        }
        if let Some(tls_rpt) = &self.tls_rpt {
            deployment = deployment.tls_rpt(tls_rpt.clone());
        }
        for (host, outcome) in &self.tls {
            deployment = match outcome {
                Some(outcome) => deployment.host(host, *outcome),
                None => deployment.unreachable_host(host),
            };
        }
        if let Some((name, answer)) = &self.elsewhere {
            deployment = deployment.txt_at(name, answer.clone());
        }
        if let Some(target) = &self.cname {
            deployment = deployment.record_cname(target);
        }
        if let Some(previous) = &self.previous {
            deployment = deployment.previous(
                NOW.saturating_sub(100 * DAY),
                PolicyId::from_static("1"),
                previous.clone(),
            );
        }
        if let Some(days) = self.history {
            let last = NOW.saturating_sub(u32::from(days) * DAY);
            let history = PublishHistory::new().served(mta_sts::MaxAge::MAX, last);
            deployment = deployment.history(history);
        }
        deployment
    }

    /// The policy that a sender fetches who knows that there is one.
    fn policy(&self, reading: ParseOptions) -> Option<Policy> {
        let request = PolicyRequest::new(domain());
        let response = self.response.as_ref()?.as_ref().ok()?;
        response
            .policy(&request, MediaType::TextPlain, &reading)
            .ok()
    }
}

fn findings(audit: &Audit, facts: &Facts) {
    let list = audit.findings();
    assert!(list.is_sorted_by_key(|finding| (Reverse(finding.severity()), finding.part())));
    let counts = [Severity::Error, Severity::Warning, Severity::Note].map(|it| audit.total(it));
    assert_eq!(counts.iter().sum::<usize>(), list.len());
    let len_of = |answer: &Answer<TxtAnswer>| match answer {
        Some(Ok(answer)) => answer.as_text().len(),
        _ => 0,
    };
    for finding in list {
        assert!(
            !finding.to_string().contains(char::is_control),
            "{finding:?}"
        );
        let len = match finding.part() {
            AuditPart::Record => len_of(&facts.record),
            AuditPart::TlsRpt => len_of(&facts.tls_rpt),
            _ => match &facts.response {
                Some(Ok(response)) => response.body().len(),
                _ => 0,
            },
        };
        assert!(
            finding.span().is_none_or(|span| span.end() <= len),
            "{finding:?}"
        );
        assert_eq!(
            finding.span(),
            finding.diagnostic().map(mta_sts::Diagnostic::span)
        );
    }
    let unchecked = audit.not_checked();
    assert!(
        unchecked.is_sorted_by(|one, next| one < next),
        "{unchecked:?}"
    );
    for (what, is_known) in [
        (Unchecked::Record, facts.record.is_some()),
        (Unchecked::Policy, facts.response.is_some()),
    ] {
        assert_eq!(unchecked.contains(&what), !is_known, "{what:?}");
    }
}

/// What senders make of it is what the record and the response say.
fn senders(audit: &Audit, facts: &Facts) {
    let selected = match &facts.record {
        Some(Ok(answer)) => StsRecord::select(answer).ok().flatten(),
        _ => None,
    };
    let readings = [
        (audit.strict(), ParseOptions::strict()),
        (audit.lenient(), ParseOptions::lenient()),
    ];
    for (view, reading) in readings {
        let is_known = facts.record.is_some() && (selected.is_none() || facts.response.is_some());
        assert_eq!(view.decision().is_some(), is_known);
        let policy = view
            .decision()
            .and_then(|decision| decision.policy().cloned());
        assert_eq!(
            policy,
            selected.as_ref().and_then(|_| facts.policy(reading))
        );
        assert!(!view.to_string().contains(char::is_control), "{view}");
    }
    let refused =
        |view: &mta_sts::SenderView| view.refused().map(str::to_owned).collect::<Vec<_>>();
    let (strict, lenient) = (refused(audit.strict()), refused(audit.lenient()));
    assert!(strict.is_empty() || audit.total(Severity::Error) > 0);
    let told = audit
        .findings()
        .iter()
        .filter(|it| it.code() == "audit-mx-refused-leniently");
    assert_eq!(
        told.count(),
        lenient.iter().filter(|host| !strict.contains(host)).count()
    );
}

fn planned(policy: &Policy) {
    let plan = PublishPlan::new(domain(), policy.clone());
    let (text, record) = (plan.policy_text(), plan.record());
    assert_eq!(Policy::parse(text.as_bytes()).as_ref(), Ok(policy));
    assert_eq!(*record.id(), policy.derive_id());
    for line in plan.zone_lines() {
        assert!(
            line.bytes()
                .all(|byte| byte == b' ' || byte.is_ascii_graphic()),
            "{line:?}"
        );
    }
    for step in plan.steps() {
        assert!(!step.to_string().contains(char::is_control), "{step}");
    }
    let deployment = Deployment::new(domain())
        .record(Ok(TxtAnswer::from_iter([[record.to_string()]])))
        .policy(Ok(PolicyResponse::new(
            200,
            Some("text/plain"),
            text.into_bytes(),
        )));
    let audit = audited(&deployment, &AuditOptions::new(NOW));
    assert_eq!(audit.total(Severity::Error), 0, "{:?}", audit.findings());
}
