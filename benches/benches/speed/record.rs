//! Reading of TXT records.

use crate::floor;
use criterion::{Criterion, Throughput};
use mta_sts::{StsRecord, TxtAnswer};
use std::hint::black_box;

pub(crate) fn bench(criterion: &mut Criterion) {
    parse(criterion);
    select(criterion);
}

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("record/parse");
    for (name, text, extensions) in [
        ("RFC example", inputs::RECORD, Some(0)),
        ("with extensions", inputs::RECORD_EXTENDED, Some(3)),
        ("refused", inputs::RECORD_REFUSED, None),
    ] {
        let parse = |text: &str| StsRecord::parse(text.as_bytes());
        let found = parse(text).ok().map(|record| record.extensions().len());
        assert_eq!(found, extensions, "{name}");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| parse(black_box(text))));
    }
    floor::copy_and_scan(&mut group, "RFC example", inputs::RECORD.as_bytes());
    group.finish();
}

fn select(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("record/select");
    let stray = "google-site-verification=0123456789abcdef0123456789abcdef01234567890";
    for (name, records, found) in [
        ("one record", &[inputs::RECORD][..], true),
        ("one of three", &[stray, inputs::RECORD, stray], true),
        ("none of three", &[stray; 3], false),
    ] {
        let answer: TxtAnswer = records.iter().map(|record| [record]).collect();
        let select = |answer: &TxtAnswer| StsRecord::select(answer).unwrap();
        assert_eq!(select(&answer).is_some(), found, "{name}");
        let len: usize = records.iter().map(|record| record.len()).sum();
        group.throughput(Throughput::Bytes(len as u64));
        group.bench_function(name, |bencher| bencher.iter(|| select(black_box(&answer))));
    }
    floor::copy_and_scan(&mut group, "one record", inputs::RECORD.as_bytes());
    group.finish();
}
