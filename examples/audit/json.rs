//! An audit for machines.

use crate::folder::Folder;
use crate::{render, table};
use mta_sts::{Action, Audit, Failure, Finding, HostView, LineIndex, Policy, SenderView, Severity};
use serde_json::{Value, json};

/// Everything about one deployment. All members are always there; what is not known or does not exist is `null`. Offsets are bytes, half-open and
/// from 0; lines and columns count from 1.
pub(crate) fn object(folder: &Folder, audit: &Audit) -> Value {
    let hosts = audit.strict().hosts().iter().zip(audit.lenient().hosts());
    let hosts = hosts.map(|(strict, lenient)| {
        json!({
            "name": strict.name(),
            "pattern": table::pattern(audit, strict.name()),
            "strict": fate(strict),
            "lenient": fate(lenient),
            "tls": table::tls(folder, strict.name()).0,
        })
    });
    let findings = audit.findings().iter();
    json!({
        "folder": folder.path.display().to_string(),
        "domain": folder.domain.as_str(),
        "gathered": folder.gathered.to_string(),
        "totals": {
            "errors": audit.total(Severity::Error),
            "warnings": audit.total(Severity::Warning),
            "notes": audit.total(Severity::Note),
        },
        "senders": { "strict": view(audit.strict()), "lenient": view(audit.lenient()) },
        "hosts": hosts.collect::<Value>(),
        "findings": findings.map(|found| finding(folder, found)).collect::<Value>(),
        "not_checked": audit.not_checked().iter().map(|it| it.as_str()).collect::<Value>(),
    })
}

/// What senders see; `null` if the facts do not say.
fn view(view: &SenderView) -> Value {
    let Some(decision) = view.decision() else {
        return Value::Null;
    };
    json!({
        "text": view.to_string(),
        "policy": decision.policy().map(policy),
        "failure": decision.failure().map(failure),
        "refused": view.refused().collect::<Vec<_>>(),
    })
}

fn policy(policy: &Policy) -> Value {
    json!({
        "mode": policy.mode().as_str(),
        "max_age": policy.max_age().as_secs(),
        "mx": policy.mx().map(|pattern| pattern.to_string()).collect::<Value>(),
    })
}

fn failure(failure: Failure) -> Value {
    json!({
        "result_type": failure.result_type().code(),
        "code": failure.code(),
        "message": failure.reason().to_string(),
    })
}

/// What becomes of a host: `action` is `null` if that depends on TLS.
fn fate(host: &HostView) -> Value {
    let action = host.action().map(Action::as_str);
    json!({ "action": action, "failure": host.failure().map(failure) })
}

fn finding(folder: &Folder, found: &Finding) -> Value {
    let place = found.span().zip(render::text(folder, found.part()));
    let place = place.map(|(span, (name, text))| {
        let position = LineIndex::new(text).position(span.start());
        json!({
            "text": name,
            "start": span.start(),
            "end": span.end(),
            "line": position.line,
            "column": position.column,
        })
    });
    json!({
        "code": found.code(),
        "severity": found.severity().as_str(),
        "part": found.part().as_str(),
        "message": found.message(),
        "subject": found.subject(),
        "reason": found.reason(),
        "help": found.help(),
        "section": found.section().as_str(),
        "url": found.section().url(),
        "place": place,
    })
}
