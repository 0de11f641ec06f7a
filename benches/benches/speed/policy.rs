//! Reading of policies.

use crate::floor;
use criterion::{Criterion, Throughput};
use mta_sts::{Policy, PolicyDomain, StsRecord};
use std::hint::black_box;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("policy/parse");
    let many = inputs::policy(inputs::patterns(inputs::MANY));
    let extensions = inputs::extensions();
    let a_labels = inputs::a_labels();
    for (name, text, patterns) in [
        ("6 lines", inputs::SIX_LINES, Some(3)),
        ("64 KiB of mx", &many, Some(inputs::MANY)),
        ("10,000 extensions", &extensions, Some(1)),
        ("1,900 A-labels", &a_labels, Some(inputs::A_LABELS)),
        ("refused", inputs::POLICY_REFUSED, None),
    ] {
        assert!(text.len() <= 65_536, "{name}: {}", text.len());
        let parse = |text: &str| Policy::parse(text.as_bytes());
        let found = parse(text).ok().map(|policy| policy.mx().count());
        assert_eq!(found, patterns, "{name}");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| parse(black_box(text))));
    }
    assert_eq!(
        Policy::parse(extensions.as_bytes()).map(|policy| policy.extensions().count()),
        Ok(inputs::EXTENSIONS)
    );

    let parse_all = || {
        let parse = |text: &&[u8]| Policy::parse(black_box(text)).is_ok();
        inputs::SAMPLES.iter().filter(|text| parse(text)).count()
    };
    let readable = inputs::SAMPLES.iter().filter(|text| {
        // What the samples are is the business of the example; here it only has to stay the same work.
        Policy::inspect(text).policy().is_some()
    });
    assert_eq!(parse_all(), readable.count());
    let len: usize = inputs::SAMPLES.iter().map(|text| text.len()).sum();
    group.throughput(Throughput::Bytes(len as u64));
    group.bench_function("samples", |bencher| bencher.iter(parse_all));

    for (name, text) in [("6 lines", inputs::SIX_LINES), ("64 KiB of mx", &many)] {
        floor::copy_and_scan(&mut group, name, text.as_bytes());
    }
    floor::copy_and_scan(&mut group, "samples", &inputs::SAMPLES.concat());
    group.finish();
    small(criterion);
}

/// What is asked before a policy is there.
fn small(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("names");
    let parse = |name: &str| name.parse::<PolicyDomain>();
    assert_eq!(parse("Example.com").unwrap().to_string(), "example.com");
    group.bench_function("domain", |bencher| {
        bencher.iter(|| parse(black_box("Example.com")));
    });
    let id = *StsRecord::parse(inputs::RECORD.as_bytes()).unwrap().id();
    group.bench_function("id, compared", |bencher| {
        bencher.iter(|| black_box(&id) == black_box(&id));
    });
    floor::compare(&mut group, "example.com");
    group.finish();
}
