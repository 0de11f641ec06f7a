//! TLS reports: reading beside `serde_json` into plain structs of the same shape, writing, counting, summing up.

use criterion::{Criterion, Throughput};
use mta_sts::{
    Aggregate, Candidate, Dane, Decision, FailureDetails, Policy, Report, ReportPolicy, ResultType,
    SessionFacts, Summary, TlsFailure, TlsOutcome, TlsVerdict, UnixTime,
};
use serde::Deserialize;
use std::hint::black_box;

/// What a program has that reads good reports only.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "read only")]
struct PlainReport {
    organization_name: String,
    date_range: PlainRange,
    contact_info: String,
    report_id: String,
    policies: Vec<PlainPolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "read only")]
struct PlainRange {
    start_datetime: String,
    end_datetime: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "read only")]
struct PlainPolicy {
    policy: PlainApplied,
    summary: PlainSummary,
    #[serde(default)]
    failure_details: Vec<PlainDetails>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "read only")]
struct PlainApplied {
    policy_type: String,
    #[serde(default)]
    policy_string: Vec<String>,
    policy_domain: String,
    #[serde(default)]
    mx_host: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "read only")]
struct PlainSummary {
    total_successful_session_count: u64,
    total_failure_session_count: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "read only")]
struct PlainDetails {
    result_type: String,
    sending_mta_ip: Option<String>,
    receiving_mx_hostname: Option<String>,
    receiving_mx_helo: Option<String>,
    receiving_ip: Option<String>,
    failed_session_count: u64,
    additional_information: Option<String>,
    failure_reason_code: Option<String>,
}

/// A report with so many failure details.
fn report(details: u8) -> Report {
    let domain = "example.com".parse().unwrap();
    let policy = ReportPolicy::new(mta_sts::PolicyType::Sts, &domain, 5_326, 303)
        .with_policy_string([
            "version: STSv1",
            "mode: testing",
            "mx: *.mail.example.com",
            "max_age: 86400",
        ])
        .with_mx_pattern(&"*.mail.example.com".parse().unwrap());
    let policy = (0..details).fold(policy, |policy, number| {
        policy.with_failure(
            FailureDetails::new(ResultType::CertificateExpired, 100)
                .with_sending_mta_ip([192, 0, 2, number].into())
                .with_receiving_mx_hostname("mx1.mail.example.com")
                .with_receiving_ip([198, 51, 100, number].into())
                .with_failure_reason_code("tls-certificate-expired"),
        )
    });
    let day = UnixTime::from_secs(1_795_253_400);
    let range = mta_sts::DateRange::day(mta_sts::UtcDay::of(day));
    Report::builder(
        "Kestrel",
        &"tls@kestrel.example".parse().unwrap(),
        "7",
        range,
    )
    .policy(policy)
    .build()
    .unwrap()
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reports");
    for details in [0, 3, 200] {
        let report = report(details);
        let text = report.to_json().unwrap();
        let gzip = report.to_gzip().unwrap();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("read/{details} details"), |bencher| {
            bencher.iter(|| Report::from_json(black_box(text.as_bytes())).unwrap());
        });
        group.bench_function(
            format!("floor: plain structs/{details} details"),
            |bencher| {
                bencher.iter(|| serde_json::from_slice::<PlainReport>(black_box(text.as_bytes())));
            },
        );
        group.bench_function(format!("read gzip/{details} details"), |bencher| {
            bencher.iter(|| Report::from_gzip(black_box(&gzip)).unwrap());
        });
        group.bench_function(format!("write/{details} details"), |bencher| {
            bencher.iter(|| black_box(&report).to_json());
        });
    }
    group.finish();
    counting(criterion);
    summing(criterion);
}

/// A session more, among a hundred kinds of failures.
fn counting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("counting");
    let now = UnixTime::from_secs(1_795_253_400);
    let policy = Policy::parse(inputs::SIX_LINES.as_bytes()).unwrap();
    let decision = Decision::configured("example.com".parse().unwrap(), policy, now);
    let host = "mail.example.com";
    let Candidate::Connect(session) = decision.candidate(host, Dane::NotApplicable) else {
        panic!("the policy names this host")
    };
    let verdict = |pkix| {
        session.judge(TlsOutcome::Established {
            pkix,
            dane: TlsVerdict::NotChecked,
        })
    };
    let mut aggregate = Aggregate::new();
    for number in 0..100 {
        let facts = SessionFacts::new(now, host).with_sending_mta_ip([192, 0, 2, number].into());
        let expired = TlsVerdict::Failed(TlsFailure::CertificateExpired);
        aggregate.record(&decision, &verdict(expired), &facts);
    }
    let passed = verdict(TlsVerdict::Passed);
    let facts = SessionFacts::new(now, host);
    group.bench_function("a success", |bencher| {
        bencher.iter(|| aggregate.record(black_box(&decision), &passed, &facts));
    });
    let part = aggregate.clone();
    group.bench_function("merge", |bencher| {
        bencher.iter(|| part.clone().merge(black_box(&part).clone()));
    });
    group.finish();
}

/// One report more, or the same again.
fn summing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("summing");
    let text = report(3).to_json().unwrap();
    let reports: Vec<Report> = (0..1_000)
        .map(|number| {
            let id = format!("\"report-id\":\"{number}\"");
            let text = text.replace("\"report-id\":\"7\"", &id);
            Report::from_json(text.as_bytes()).unwrap().into_report()
        })
        .collect();
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("1,000 reports", |bencher| {
        bencher.iter(|| {
            let mut summary = Summary::new();
            for report in black_box(&reports) {
                summary.add(report);
            }
            summary
        });
    });
    group.finish();
}
