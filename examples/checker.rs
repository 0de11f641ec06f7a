//! A checker in miniature: what was found of a domain goes in; findings, corrections and an exit status come out.

use mta_sts::{
    Audit, AuditOptions, AuditPart, Deployment, Error, LineIndex, Policy, PolicyResponse, Severity,
    TxtAnswer, UnixTime, audit,
};
use serde_json::json;
use std::process::ExitCode;

const RECORD: &str = "v=STSv1; id=2026-11-21;";
const POLICY: &[u8] = b"version: STSv1
mode: enforce
mx: mx1.kestrel.net.
mx: mx2.kestrel.net
max_age: 1209600
";
const MX_HOSTS: [&str; 2] = ["mx1.kestrel.net", "mx3.kestrel.net"];

fn main() -> Result<ExitCode, Error> {
    let found = check(POLICY)?;
    let inspection = Policy::inspect(POLICY);
    match inspection.fixed(POLICY) {
        None => println!("nobody can tell what the policy was to be"),
        Some(fixed) if *fixed == *POLICY => println!("the policy is valid"),
        Some(fixed) => {
            print!("the policy corrected:\n{}", String::from_utf8_lossy(&fixed));
            println!("what is left then:");
            check(&fixed)?;
        }
    }
    let is_broken = found.total(Severity::Error) > 0;
    Ok(ExitCode::from(u8::from(is_broken)))
}

/// Prints each finding as a line of JSON.
fn check(policy: &[u8]) -> Result<Audit, Error> {
    let answer = TxtAnswer::from_iter([[RECORD]]);
    let deployment = Deployment::new("kestrel.net".parse()?)
        .record(Ok(answer.clone()))
        .policy(Ok(PolicyResponse::new(200, Some("text/plain"), policy)))
        .mx(Ok(MX_HOSTS));
    let options = AuditOptions::new(UnixTime::from_secs(1_795_253_400));
    let audit = audit(&deployment, &options);

    let record_lines = LineIndex::new(answer.as_text());
    let policy_lines = LineIndex::new(policy);
    for finding in audit.findings() {
        let lines = match finding.part() {
            AuditPart::Record => &record_lines,
            _ => &policy_lines,
        };
        let place = finding.span().map(|span| lines.position(span.start()));
        let line = json!({
            "part": finding.part().as_str(),
            "line": place.map(|place| place.line),
            "column": place.map(|place| place.column),
            "severity": finding.severity().as_str(),
            "code": finding.code(),
            "message": finding.to_string(),
            "remedy": finding.help(),
            "section": finding.section().url(),
        });
        println!("{line}");
    }
    Ok(audit)
}
