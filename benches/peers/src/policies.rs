//! Reading of policies.

use crate::race::{Outcome, race, row};
use mailrs_mta_sts as mailrs;
use mta_sts::{Mode, MxPatternRef, Policy};
use std::hint::black_box;

const MAILRS: &str = "mailrs-mta-sts";

pub(crate) fn run() {
    let many = inputs::policy(inputs::patterns(inputs::MANY));
    let extensions = inputs::extensions();
    let a_labels = inputs::a_labels();
    for (work, text) in [
        ("policy of 6 lines, 3 mx", inputs::SIX_LINES),
        ("policy of 64 KiB, 2,203 mx", &many),
        ("policy of 64 KiB, 1,900 A-labels", &a_labels),
        ("policy of 64 KiB, 10,000 extensions", &extensions),
    ] {
        assert_same(text);
        row(work, MAILRS, || ours(text), || theirs(text));
    }
    let text = inputs::POLICY_REFUSED;
    assert!(ours(text).is_err() && theirs(text).is_err());
    row("policy refused", MAILRS, || ours(text), || theirs(text));
}

/// The time must grow as the text does.
pub(crate) fn scaling() {
    for times in [1, 16, 160] {
        let text = inputs::policy(inputs::patterns(inputs::MANY * times));
        assert_same(&text);
        let Outcome { ours, ratio, .. } = race(|| ours(&text), || theirs(&text));
        let len = f64::from(u32::try_from(text.len()).expect("a few megabytes"));
        println!(
            "{:5.2} MB of mx: {:.2} ns a byte, {ratio:.2} times as fast as {MAILRS}",
            len / 1e6,
            ours / len
        );
    }
}

/// What it costs to ask for findings where there are none.
pub(crate) fn inspection() {
    let text = inputs::CLEAN;
    assert_eq!(Policy::inspect(text.as_bytes()).diagnostics(), []);
    let inspect = || Policy::inspect(black_box(text).as_bytes());
    let outcome = race(|| ours(text), inspect);
    println!(
        "inspecting a clean policy takes {:.2} times as long as parsing it",
        outcome.ratio
    );
}

fn ours(text: &str) -> Result<Policy, mta_sts::Error> {
    Policy::parse(black_box(text).as_bytes())
}

fn theirs(text: &str) -> Result<mailrs::Policy, impl Sized> {
    mailrs::Policy::parse(black_box(text))
}

fn assert_same(text: &str) {
    let (Ok(ours), Ok(theirs)) = (ours(text), theirs(text)) else {
        panic!("one of the two refuses: {text}");
    };
    let mode = match theirs.mode {
        mailrs::PolicyMode::Enforce => Mode::Enforce,
        mailrs::PolicyMode::Testing => Mode::Testing,
        mailrs::PolicyMode::None => Mode::None,
    };
    assert_eq!(ours.mode(), mode);
    assert_eq!(ours.max_age().as_secs(), theirs.max_age);
    let our_mx: Vec<&str> = ours.mx().map(MxPatternRef::as_str).collect();
    let their_mx: Vec<&str> = theirs.mx.iter().map(|pattern| &**pattern).collect();
    assert!(our_mx == their_mx);
}
