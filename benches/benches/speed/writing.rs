//! Writing of records and policies, and the id made from one.

use crate::floor;
use criterion::{Criterion, Throughput};
use mta_sts::{Policy, StsRecord};
use std::hint::black_box;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("writing");
    let record = StsRecord::parse(inputs::RECORD.as_bytes()).unwrap();
    assert_eq!(record.to_string(), inputs::RECORD);
    group.throughput(Throughput::Bytes(inputs::RECORD.len() as u64));
    group.bench_function("record", |bencher| {
        bencher.iter(|| black_box(&record).to_string());
    });

    let many = inputs::policy(inputs::patterns(inputs::MANY));
    for (name, text) in [("6 lines", inputs::SIX_LINES), ("64 KiB of mx", &many)] {
        let policy = Policy::parse(text.as_bytes()).unwrap();
        let written = policy.to_string();
        assert_eq!(Policy::parse(written.as_bytes()).as_ref(), Ok(&policy));
        group.throughput(Throughput::Bytes(written.len() as u64));
        group.bench_function(format!("policy/{name}"), |bencher| {
            bencher.iter(|| black_box(&policy).to_string());
        });

        assert_eq!(policy.derive_id(), policy.clone().derive_id());
        group.bench_function(format!("derive_id/{name}"), |bencher| {
            bencher.iter(|| black_box(&policy).derive_id());
        });
        floor::copy_and_scan(&mut group, name, written.as_bytes());
    }
    group.finish();
}
