//! A survey for machines.

use crate::survey::{Finding, Found, Host, Obstacle, Survey};
use mta_sts::{Candidate, DnsError, Failure, Policy, StsRecord};
use serde_json::{Value, json};

/// Everything about one domain. All members are always there; what is not known or does not exist is `null`.
pub(crate) fn object(survey: &Survey) -> Value {
    let mut object = json!({
        "name": survey.name,
        "domain": null,
        "error": null,
        "source": null,
        "txt": null,
        "record": null,
        "policy": null,
        "findings": [],
        "valid_until": null,
        "failure": null,
        "hosts": null,
    });
    match &survey.result {
        Ok(found) => {
            let decision = &found.decision;
            let valid_until = decision.valid_until().map(|time| time.to_string());
            object["domain"] = json!(decision.domain().as_str());
            object["source"] = json!(decision.source().as_str());
            object["txt"] = found.txt.as_ref().map_or(Value::Null, |answer| {
                let texts = answer.iter().map(String::from_utf8_lossy);
                texts.collect::<Value>()
            });
            object["record"] = json!(found.record().as_ref().map(record));
            object["policy"] = json!(decision.policy().map(policy));
            object["findings"] = found.findings().iter().map(finding).collect();
            object["valid_until"] = json!(valid_until);
            object["failure"] = json!(decision.failure().map(failure));
            match &found.hosts {
                Ok(hosts) => {
                    let hosts = hosts.iter().map(|host| self::host(found, host));
                    object["hosts"] = hosts.collect();
                }
                Err(error) => object["error"] = hosts_error(*error),
            }
        }
        Err(Obstacle::NotADomain(error)) => {
            object["error"] = json!({ "code": error.code(), "message": format!("{error:#}") });
        }
        Err(Obstacle::NoSuchDomain) => {
            object["error"] = hosts_error(DnsError::NoSuchDomain);
        }
        Err(Obstacle::NoMail) => object["hosts"] = json!([]),
    }
    object
}

/// Why the MX hosts are not known.
fn hosts_error(error: DnsError) -> Value {
    let code = match error {
        DnsError::NoSuchDomain => "mx-dns-no-such-domain",
        DnsError::NoData => "mx-dns-no-data",
        DnsError::ServerFailure => "mx-dns-server-failure",
        DnsError::Bogus => "mx-dns-bogus",
        DnsError::Timeout => "mx-dns-timeout",
        _ => "mx-dns-other",
    };
    json!({ "code": code, "message": error.to_string() })
}

fn record(record: &StsRecord) -> Value {
    json!({ "id": record.id().as_str() })
}

fn policy(policy: &Policy) -> Value {
    json!({
        "mode": policy.mode().as_str(),
        "max_age": policy.max_age().as_secs(),
        "mx": policy.mx().map(|pattern| pattern.to_string()).collect::<Value>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let diagnostic = &finding.diagnostic;
    json!({
        "line": finding.line,
        "severity": diagnostic.severity().as_str(),
        "code": diagnostic.code(),
        "message": diagnostic.message(),
        "help": diagnostic.help(),
    })
}

fn failure(failure: Failure) -> Value {
    json!({
        "result_type": failure.result_type().code(),
        "code": failure.code(),
        "message": failure.reason().to_string(),
    })
}

fn host(found: &Found, host: &Host) -> Value {
    let policy = found.decision.policy();
    let pattern = policy.and_then(|policy| policy.matching_pattern(&host.name));
    let (action, requirement, refusal) = match &host.candidate {
        Candidate::Connect(session) => ("connect", Some(session.requirement()), None),
        Candidate::Skip(verdict) => ("skip", None, verdict.failure()),
    };
    json!({
        "name": host.name,
        "preference": host.preference,
        "pattern": pattern.map(|pattern| pattern.to_string()),
        "named": found.is_named(host),
        "action": action,
        "starttls": requirement.map(|it| it.starttls().as_str()),
        "verification": requirement.map(|it| it.verification().as_str()),
        "failure": refusal.map(failure),
    })
}
