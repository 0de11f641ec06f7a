//! A checker in miniature: what was found of a domain goes in; findings, corrections and an exit status come out.

use mta_sts::{
    AuditOptions, AuditPart, Deployment, Finding, LineIndex, Policy, PolicyResponse, Severity,
    StsRecord, TxtAnswer, UnixTime, audit,
};
use serde_json::json;
use std::process::ExitCode;

const RECORD: &str = "v=STSv1; id=2026-11-21;";
const POLICY: &str = "version: STSv1
mode: enforce
mx: mx1.example.com.
mx: mx2.example.com
max_age: 1209600
";
const MX_HOSTS: [&str; 2] = ["mx1.example.com", "mx3.example.com"];

fn main() -> Result<ExitCode, mta_sts::Error> {
    let answer = TxtAnswer::from_iter([[RECORD]]);
    let response = PolicyResponse::new(200, Some("text/plain"), POLICY.as_bytes());
    let deployment = Deployment::new("example.com".parse()?)
        .record(Ok(answer.clone()))
        .policy(Ok(response))
        .mx(Ok(MX_HOSTS));
    let options = AuditOptions::new(UnixTime::from_secs(1_795_253_400));
    let audit = audit(&deployment, &options);
    for finding in audit.findings() {
        let text = match finding.part() {
            AuditPart::Record => answer.as_text(),
            AuditPart::Policy => POLICY.as_bytes(),
            _ => b"",
        };
        println!("{}", line(finding, text));
    }

    for (name, text, fixed) in [
        (
            "record",
            RECORD,
            StsRecord::inspect(RECORD.as_bytes()).fixed(RECORD.as_bytes()),
        ),
        (
            "policy",
            POLICY,
            Policy::inspect(POLICY.as_bytes()).fixed(POLICY.as_bytes()),
        ),
    ] {
        match fixed {
            Some(fixed) if *fixed != *text.as_bytes() => {
                println!("{name}, corrected:\n{}", String::from_utf8_lossy(&fixed))
            }
            Some(_) => {}
            None => println!("{name}: nobody can tell what was meant"),
        }
    }
    let is_broken = audit.total(Severity::Error) > 0;
    Ok(ExitCode::from(u8::from(is_broken)))
}

/// One line of JSON.
fn line(finding: &Finding, text: &[u8]) -> serde_json::Value {
    let position = finding
        .span()
        .map(|span| LineIndex::new(text).position(span.start()));
    json!({
        "part": finding.part().as_str(),
        "severity": finding.severity().as_str(),
        "code": finding.code(),
        "line": position.map(|position| position.line),
        "column": position.map(|position| position.column),
        "message": finding.to_string(),
        "remedy": finding.help(),
        "section": finding.section().url(),
    })
}
