//! `inspect`.

mod files;
mod options;
mod samples;

use crate::run::{self, Run};
use samples::FINDINGS;
use std::ffi::OsStr;

const SAMPLES: &str = "examples/data";

fn sample(name: &str) -> String {
    format!("{SAMPLES}/{name}")
}

fn inspect<A: AsRef<OsStr>>(args: &[A]) -> Run {
    run::run("inspect", args)
}

fn inspect_input(args: &[&str], input: &[u8]) -> Run {
    run::run_input("inspect", args, input)
}

/// That the output is this. White space at the ends of lines does not count: an editor may remove it.
#[track_caller]
fn assert_text(actual: &str, expected: &str) {
    let trim = |text: &str| {
        text.lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(
        trim(actual) == trim(expected),
        "expected:\n{expected}\nbut it was:\n{actual}"
    );
}

#[track_caller]
fn assert_usage_error<A: AsRef<OsStr>>(args: &[A], complaint: &str) {
    let run = inspect(args);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert_text(&run.stderr, &format!("error: {complaint}\n"));
}
