//! The findings for machines.

use crate::subject::{Reading, Subject};
use mta_sts::{
    Diagnostic, Edit, Extension, LineIndex, Policy, ReportUri, Span, StsRecord, TlsRptRecord,
};
use serde_json::{Value, json};

/// Everything about one input. Offsets are bytes, half-open and from 0; lines and columns count from 1.
pub(crate) fn object(subject: &Subject, hosts: &[String]) -> Value {
    let lines = LineIndex::new(&subject.text);
    let diagnostics = subject.diagnostics().iter();
    let [errors, warnings, notes] = subject.totals();
    let (kind, found_policy, found_record) = match &subject.reading {
        Reading::Policy(inspection) => ("policy", inspection.policy(), None),
        Reading::Record(inspection) => ("record", None, inspection.value().map(record)),
        Reading::TlsRptRecord(inspection) => {
            ("tls-rpt", None, inspection.value().map(tls_rpt_record))
        }
    };
    let mx = hosts.iter().filter(|_| kind == "policy");
    json!({
        "file": subject.name,
        "kind": kind,
        "accepted_by": subject.accepted_by().as_str(),
        "policy": found_policy.map(policy),
        "record": found_record,
        "totals": { "errors": errors, "warnings": warnings, "notes": notes },
        "diagnostics": diagnostics.map(|found| diagnostic(found, &lines)).collect::<Value>(),
        "mx": mx.map(|host| verdict(found_policy, host)).collect::<Value>(),
    })
}

fn policy(policy: &Policy) -> Value {
    json!({
        "version": "STSv1",
        "mode": policy.mode().as_str(),
        "max_age": policy.max_age().as_secs(),
        "mx": policy.mx().map(|pattern| pattern.to_string()).collect::<Value>(),
        "extensions": policy.extensions().map(|field| extension(&field.into())).collect::<Value>(),
    })
}

fn record(record: &StsRecord) -> Value {
    json!({
        "version": "STSv1",
        "id": record.id().as_str(),
        "extensions": record.extensions().iter().map(extension).collect::<Value>(),
    })
}

fn tls_rpt_record(record: &TlsRptRecord) -> Value {
    json!({
        "version": "TLSRPTv1",
        "rua": record.rua().iter().map(ReportUri::as_str).collect::<Value>(),
        "extensions": record.extensions().iter().map(extension).collect::<Value>(),
    })
}

fn extension(field: &Extension) -> Value {
    json!({ "name": field.name(), "value": field.value() })
}

/// Whether the policy allows the host; `null` if there is no policy.
fn verdict(policy: Option<&Policy>, host: &str) -> Value {
    let pattern = policy.and_then(|policy| policy.matching_pattern(host));
    json!({
        "host": host,
        "allowed": policy.map(|_| pattern.is_some()),
        "pattern": pattern.map(|pattern| pattern.to_string()),
    })
}

fn diagnostic(diagnostic: &Diagnostic, lines: &LineIndex<'_>) -> Value {
    let place = lines.position(diagnostic.span().start());
    let utf16 = lines.utf16_range(diagnostic.span());
    let fix = diagnostic
        .fix()
        .map(|fix| fix.edits().iter().map(edit).collect::<Value>());
    json!({
        "code": diagnostic.code(),
        "severity": diagnostic.severity().as_str(),
        "message": diagnostic.message(),
        "help": diagnostic.help(),
        "section": diagnostic.section().as_str(),
        "url": diagnostic.section().url(),
        "span": range(diagnostic.span()),
        "line": place.line,
        "column": place.column,
        "utf16": { "start": utf16.start, "end": utf16.end },
        "count": diagnostic.count(),
        "fix": fix,
    })
}

fn edit(edit: &Edit) -> Value {
    let mut value = range(edit.span());
    value["replacement"] = json!(edit.replacement());
    value
}

fn range(span: Span) -> Value {
    json!({ "start": span.start(), "end": span.end() })
}
