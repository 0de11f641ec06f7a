//! The least that could be done.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Throughput};
use std::hint::black_box;

/// Copies the text once and looks for line ends.
pub(crate) fn copy_and_scan(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, text: &[u8]) {
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function(format!("floor: copy, find line ends/{name}"), |bencher| {
        bencher.iter(|| {
            let copy = black_box(text).to_vec();
            let lines = copy.iter().map(|&byte| usize::from(byte == b'\n'));
            let lines: usize = lines.sum();
            (copy, lines)
        });
    });
}

/// Compares a name with an equal one, octet by octet.
pub(crate) fn compare(group: &mut BenchmarkGroup<'_, WallTime>, name: &str) {
    let other = name.to_owned();
    assert!(equal(name, &other));
    group.bench_function("floor: compare two equal names", |bencher| {
        bencher.iter(|| equal(black_box(name), black_box(&other)));
    });
}

fn equal(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).all(|(a, b)| a == b)
}
