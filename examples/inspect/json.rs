//! The findings for machines.

use crate::subject::{Reading, Subject};
use mta_sts::{Diagnostic, Edit, Extension, LineIndex, Policy, Severity, Span, StsRecord};
use serde_json::{Value, json};

/// Everything about one input. Offsets are bytes, half-open and from 0; lines and columns count from 1.
pub(crate) fn object(subject: &Subject, hosts: &[String]) -> Value {
    let lines = LineIndex::new(&subject.text);
    let diagnostics = subject.diagnostics().iter();
    let mut object = json!({
        "file": subject.name,
        "accepted_by": subject.accepted_by().as_str(),
        "totals": {
            "errors": subject.total(Severity::Error),
            "warnings": subject.total(Severity::Warning),
            "notes": subject.total(Severity::Note),
        },
        "diagnostics": diagnostics.map(|found| diagnostic(found, &lines)).collect::<Vec<_>>(),
    });
    match &subject.reading {
        Reading::Policy(inspection) => {
            let found = inspection.policy();
            let mx = hosts.iter().map(|host| verdict(found, host));
            object["kind"] = json!("policy");
            object["policy"] = json!(found.map(policy));
            object["mx"] = mx.collect();
        }
        Reading::Record(inspection) => {
            object["kind"] = json!("record");
            object["record"] = json!(inspection.value().map(record));
        }
    }
    object
}

fn policy(policy: &Policy) -> Value {
    json!({
        "version": "STSv1",
        "mode": policy.mode().as_str(),
        "max_age": policy.max_age().as_secs(),
        "mx": policy.mx().map(|pattern| pattern.to_string()).collect::<Vec<_>>(),
        "extensions": policy.extensions().map(|field| extension(&field.into())).collect::<Vec<_>>(),
    })
}

fn record(record: &StsRecord) -> Value {
    json!({
        "version": "STSv1",
        "id": record.id().as_str(),
        "extensions": record.extensions().iter().map(extension).collect::<Vec<_>>(),
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
    let fix = diagnostic.fix().map(|fix| fix.edits().iter().map(edit).collect::<Vec<_>>());
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
