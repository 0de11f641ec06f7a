//! Reading with every finding.

use crate::floor;
use criterion::{Criterion, Throughput};
use mta_sts::{Policy, StsRecord};
use std::hint::black_box;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("inspect");
    assert!(Policy::parse(inputs::CLEAN.as_bytes()).is_ok());
    group.throughput(Throughput::Bytes(inputs::CLEAN.len() as u64));
    group.bench_function("policy, clean, only parsed", |bencher| {
        bencher.iter(|| Policy::parse(black_box(inputs::CLEAN.as_bytes())));
    });
    let inspect = |text: &str| Policy::inspect(text.as_bytes());
    for (name, text, is_clean) in [
        ("policy, clean", inputs::CLEAN, true),
        ("policy, broken", inputs::BROKEN, false),
        ("policy, refused", inputs::POLICY_REFUSED, false),
    ] {
        let findings = inspect(text).diagnostics().len();
        assert_eq!(findings == 0, is_clean, "{name}");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| inspect(black_box(text))));
    }

    let fixed = |text: &str| {
        let source = text.as_bytes();
        inspect(text)
            .fixed(source)
            .map(std::borrow::Cow::into_owned)
    };
    let corrected = fixed(inputs::BROKEN).expect("all of it can be put right");
    assert!(Policy::parse(&corrected).is_ok());
    group.throughput(Throughput::Bytes(inputs::BROKEN.len() as u64));
    group.bench_function("policy, broken, corrected", |bencher| {
        bencher.iter(|| fixed(black_box(inputs::BROKEN)));
    });

    let inspect = |text: &str| StsRecord::inspect(text.as_bytes());
    for (name, text, is_clean) in [
        ("record, clean", inputs::RECORD, true),
        ("record, refused", inputs::RECORD_REFUSED, false),
    ] {
        let findings = inspect(text).diagnostics().len();
        assert_eq!(findings == 0, is_clean, "{name}");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| inspect(black_box(text))));
    }
    floor::copy_and_scan(&mut group, "policy, clean", inputs::CLEAN.as_bytes());
    group.finish();
}
