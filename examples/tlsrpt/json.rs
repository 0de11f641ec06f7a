//! The summary for machines.

use crate::Told;
use mta_sts::{
    Assessment, DomainSummary, MxHostSummary, Reported, ReporterSummary, ResultSummary, ResultType,
    Sessions, Summary, UtcDay,
};
use serde_json::{Value, json};

/// Everything in one object.
pub(crate) fn object(summary: &Summary, told: &[Told]) -> Value {
    let (first_day, last_day) = days(summary.first_and_last_day());
    let by_day = summary.days().map(|(day, row)| {
        let mut row = sessions(row);
        row["day"] = json!(day.to_string());
        row
    });
    let results = summary.results();
    let results = results.map(|(name, row)| result(name, row, summary.assess(name)));
    json!({
        "reports": summary.reports(),
        "duplicates": summary.duplicates(),
        "first_day": first_day,
        "last_day": last_day,
        "sessions": sessions(summary.sessions()),
        "without_details": summary.unexplained(),
        "undated": sessions(summary.undated()),
        "days": by_day.collect::<Value>(),
        "domains": summary.domains().map(domain).collect::<Value>(),
        "reporters": summary.reporters().map(reporter).collect::<Value>(),
        "mx_hosts": summary.mx_hosts().map(mx_host).collect::<Value>(),
        "results": results.collect::<Value>(),
        "files": told.iter().map(file).collect::<Value>(),
    })
}

fn sessions(sessions: Sessions) -> Value {
    json!({ "successful": sessions.successful(), "failed": sessions.failed() })
}

fn days(days: Option<(UtcDay, UtcDay)>) -> (Value, Value) {
    let text = |day: UtcDay| json!(day.to_string());
    days.map_or((Value::Null, Value::Null), |(first, last)| {
        (text(first), text(last))
    })
}

fn names<'a>(rows: impl Iterator<Item = (&'a str, u64)>) -> Value {
    rows.map(|(name, failed)| json!({ "name": name, "failed": failed }))
        .collect()
}

fn domain((name, row): (&str, &DomainSummary)) -> Value {
    let results = row
        .results()
        .map(|(name, sessions)| json!({ "type": name.as_str(), "sessions": sessions }));
    let mut told = sessions(row.sessions());
    told["results"] = results.collect();
    named(name, row.reports(), row.first_and_last_day(), told)
}

fn reporter((name, row): (&str, &ReporterSummary)) -> Value {
    let told = sessions(row.sessions());
    named(name, row.reports(), row.first_and_last_day(), told)
}

fn mx_host((name, row): (&str, &MxHostSummary)) -> Value {
    let told = json!({ "failed": row.failed() });
    named(name, row.reports(), row.first_and_last_day(), told)
}

/// What is told of a name, with the number of its reports and their days.
fn named(name: &str, reports: u64, range: Option<(UtcDay, UtcDay)>, mut told: Value) -> Value {
    let (first_day, last_day) = days(range);
    told["name"] = json!(name);
    told["reports"] = json!(reports);
    told["first_day"] = first_day;
    told["last_day"] = last_day;
    told
}

fn result(
    name: &Reported<ResultType>,
    row: &ResultSummary,
    assessment: Option<Assessment>,
) -> Value {
    let (first_day, last_day) = days(row.first_and_last_day());
    let known = name.known();
    let cause = assessment.map(|assessment| assessment.cause().as_str());
    json!({
        "type": name.as_str(),
        "sessions": row.sessions(),
        "reports": row.reports(),
        "first_day": first_day,
        "last_day": last_day,
        "meaning": known.map(|known| known.message()),
        "remedy": known.and_then(|known| known.help()),
        "cause": cause,
        "because": assessment.map(Assessment::reason),
        "reporters": names(row.reporters()),
        "mx_hosts": names(row.mx_hosts()),
        "reasons": names(row.reasons()),
    })
}

/// What was said about a file.
fn file(told: &Told) -> Value {
    let deviations = told.deviations.iter().map(|found| {
        json!({
            "code": found.code(),
            "path": found.path(),
            "message": found.kind().message(),
        })
    });
    let error = told.error.as_ref().map(|error| {
        json!({
            "code": error.code(),
            "message": format!("{error:#}"),
            "offset": error.offset(),
            "path": error.path(),
        })
    });
    json!({
        "file": told.file,
        "deviations": deviations.collect::<Value>(),
        "more": told.more,
        "error": error,
    })
}
