//! Does one kind of work as often as it is told: what `instructions.sh` counts the instructions of.
//!
//! `instructions ROW TIMES`, or without arguments for the names of the rows. The row is chosen before the work
//! begins, so that the difference of two counts holds nothing but the work.

use mta_sts::{Policy, StsRecord};
use std::env::args;
use std::hint::black_box;
use std::process::ExitCode;

/// A row and what it does so many times.
type Row = (&'static str, fn(usize));

const ROWS: [Row; 15] = [
    ("record", |times| {
        repeat(times, || {
            StsRecord::parse(black_box(inputs::RECORD).as_bytes())
        });
    }),
    ("record-refused", |times| {
        repeat(times, || {
            StsRecord::parse(black_box(inputs::RECORD_REFUSED).as_bytes())
        });
    }),
    ("policy-6-lines", |times| parse(times, inputs::SIX_LINES)),
    ("policy-refused", |times| {
        parse(times, inputs::POLICY_REFUSED);
    }),
    ("policy-64-kib", |times| parse(times, &many())),
    ("policy-10000-extensions", |times| {
        parse(times, &inputs::extensions());
    }),
    ("policy-1900-a-labels", |times| {
        parse(times, &inputs::a_labels());
    }),
    ("parse-clean", |times| parse(times, inputs::CLEAN)),
    ("inspect-clean", |times| {
        repeat(times, || {
            Policy::inspect(black_box(inputs::CLEAN).as_bytes())
        });
    }),
    ("match-3-hit", |times| {
        find(times, inputs::SIX_LINES, "mail.example.com", true);
    }),
    ("match-3-wildcard", |times| {
        find(times, inputs::SIX_LINES, "mx1.example.net", true);
    }),
    ("match-3-last-mixed-case", |times| {
        find(times, inputs::SIX_LINES, "BackupMX.Example.com", true);
    }),
    ("match-3-miss", |times| {
        find(times, inputs::SIX_LINES, inputs::STRANGER, false);
    }),
    ("match-2203-hit", |times| {
        find(times, &many(), "in1003.protection.example.com", true);
    }),
    ("match-2203-miss", |times| {
        find(times, &many(), inputs::STRANGER, false);
    }),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = args().skip(1).collect();
    let [row, times] = arguments.as_slice() else {
        for (name, _) in ROWS {
            println!("{name}");
        }
        return ExitCode::SUCCESS;
    };
    let work = ROWS.iter().find(|(name, _)| name == row);
    let (Some((_, work)), Ok(times)) = (work, times.parse()) else {
        eprintln!("usage: instructions [ROW TIMES]");
        return ExitCode::from(2);
    };
    work(times);
    ExitCode::SUCCESS
}

fn repeat<T>(times: usize, work: impl Fn() -> T) {
    for _ in 0..times {
        black_box(work());
    }
}

fn parse(times: usize, text: &str) {
    repeat(times, || Policy::parse(black_box(text).as_bytes()));
}

fn find(times: usize, text: &str, host: &str, is_match: bool) {
    let policy = Policy::parse(text.as_bytes()).unwrap();
    assert_eq!(policy.mx_matches(host), is_match, "{host}");
    repeat(times, || black_box(&policy).mx_matches(black_box(host)));
}

fn many() -> String {
    inputs::policy(inputs::patterns(inputs::MANY))
}
