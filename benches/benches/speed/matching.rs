//! One name against one pattern or many.

use crate::floor;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use mta_sts::{MxPatternRef, Policy};
use std::hint::black_box;

/// What an inner label of a pattern matches when it is asked for in its own script.
const U_LABEL: &str = "mx0001.münchen.example";

pub(crate) fn bench(criterion: &mut Criterion) {
    for count in [1, 3, 10, 16, 17, 100, inputs::MANY] {
        let mut group = criterion.benchmark_group(format!("matching/{count}"));
        let patterns = inputs::patterns(count);
        let (first, last) = (patterns.first().unwrap(), patterns.last().unwrap());
        let policy = read(&inputs::policy(&patterns));
        spellings(
            &mut group,
            "first",
            &policy,
            &inputs::host(first),
            Some(first),
        );
        spellings(&mut group, "last", &policy, &inputs::host(last), Some(last));
        spellings(&mut group, "miss", &policy, inputs::STRANGER, None);

        let wildcard = "*.mail.example.edu";
        let others = patterns.iter().map(String::as_str).take(count - 1);
        let policy = read(&inputs::policy(others.chain([wildcard])));
        let host = inputs::host(wildcard);
        spellings(&mut group, "wildcard", &policy, &host, Some(wildcard));
        floor::compare(&mut group, &host);
        group.finish();
    }
    special(criterion);
}

fn special(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("matching/other");
    let policy = read(&inputs::a_labels());
    one(
        &mut group,
        "U-label",
        &policy,
        U_LABEL,
        Some("mx0001.xn--mnchen-3ya.example"),
    );

    let names = inputs::similar_names(inputs::MANY / 2);
    let policy = read(&inputs::policy(&names));
    let last = names.last().unwrap();
    one(&mut group, "similar names, hit", &policy, last, Some(last));
    let absent = last.replace("late", "lite");
    one(&mut group, "similar names, miss", &policy, &absent, None);
    floor::compare(&mut group, last);
    group.finish();
}

fn read(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).unwrap()
}

fn spellings(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    policy: &Policy,
    host: &str,
    pattern: Option<&str>,
) {
    let mixed = inputs::mixed_case(host);
    let dotted = format!("{host}.");
    for (spelling, host) in [
        ("lower case", host),
        ("mixed case", &mixed),
        ("final dot", &dotted),
    ] {
        one(group, &format!("{name}, {spelling}"), policy, host, pattern);
    }
}

/// Measures one name against the policy, which must match by `pattern`.
fn one(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    policy: &Policy,
    host: &str,
    pattern: Option<&str>,
) {
    let found = policy.matching_pattern(host);
    assert_eq!(found.map(MxPatternRef::as_str), pattern, "{name}");
    group.bench_function(name, |bencher| {
        bencher.iter(|| black_box(policy).mx_matches(black_box(host)));
    });
}
