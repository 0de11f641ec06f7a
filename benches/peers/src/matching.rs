//! One name against the patterns of a policy.

use crate::race::row;
use crate::sorted::Sorted;
use mailrs_mta_sts as mailrs;
use mta_sts::Policy;
use std::hint::black_box;

pub(crate) fn run() {
    let few = Policies::read(inputs::SIX_LINES);
    for (name, host) in [
        ("first", "mail.example.com"),
        ("wildcard", "mx1.example.net"),
        ("wildcard, mixed case", "MX1.Example.net"),
        ("wildcard, final dot", "mx1.example.net."),
        ("last", "backupmx.example.com"),
        ("last, mixed case", "BackupMX.Example.com"),
        ("last, final dot", "backupmx.example.com."),
        ("miss", "mx.attacker.org"),
        ("miss, mixed case", "MX.Attacker.org"),
        ("miss, final dot", "mx.attacker.org."),
        ("miss, length of the first", "evil.example.com"),
    ] {
        few.race(&format!("3 mx: {name}"), host);
    }

    let patterns = inputs::patterns(inputs::MANY);
    let many = Policies::read(&inputs::policy(&patterns));
    let sorted = Sorted::new(&patterns);
    for (name, host) in [
        ("hit", "in1003.protection.example.com"),
        ("wildcard", "mx1.pod1001.example.net"),
        ("wildcard, mixed case", "Mx1.Pod1001.Example.net."),
        ("miss", inputs::STRANGER),
    ] {
        let work = format!("2,203 mx: {name}");
        many.race(&work, host);
        many.race_sorted(&work, &sorted, host);
    }

    // Names with a long common beginning: from outside nothing worse can be made for both. (That names whose hashes
    // are equal cost no more than a binary search is shown by the unit tests of the library.)
    let patterns = inputs::similar_names(inputs::MANY / 2);
    let similar = Policies::read(&inputs::policy(&patterns));
    let sorted = Sorted::new(&patterns);
    let last = patterns.last().expect("not empty");
    similar.race_sorted("1,101 similar mx: hit", &sorted, last);
    similar.race_sorted(
        "1,101 similar mx: miss",
        &sorted,
        &last.replace("late", "lite"),
    );
}

/// The same policy twice.
struct Policies {
    ours: Policy,
    theirs: mailrs::Policy,
}

impl Policies {
    fn read(text: &str) -> Self {
        let ours = Policy::parse(text.as_bytes()).expect("valid");
        let theirs = mailrs::Policy::parse(text).expect("valid");
        Self { ours, theirs }
    }

    fn ours(&self, host: &str) -> bool {
        black_box(&self.ours).mx_matches(black_box(host))
    }

    /// As `mailrs_mta_sts::enforce` does it.
    fn theirs(&self, host: &str) -> bool {
        let host = black_box(host);
        let mut patterns = black_box(&self.theirs).mx.iter();
        patterns.any(|pattern| mailrs::mx_matches(host, pattern))
    }

    fn race(&self, work: &str, host: &str) {
        assert_eq!(self.ours(host), self.theirs(host), "{host}");
        row(
            work,
            "mailrs-mta-sts",
            || self.ours(host),
            || self.theirs(host),
        );
    }

    fn race_sorted(&self, work: &str, sorted: &Sorted, host: &str) {
        let theirs = || black_box(sorted).matches(black_box(host));
        assert_eq!(self.ours(host), theirs(), "{host}");
        row(work, "binary search", || self.ours(host), theirs);
    }
}
