//! Patterns so many that they are indexed, beside as many as are walked: nobody can tell which it was. And more findings
//! than are listed.

use mta_sts::{Policy, Severity};

#[test]
fn what_is_said_of_many_patterns() {
    for &(count, extension) in [4, 12, 13, 14, 15, 40]
        .map(|count| [(count, ""), (count, "note: x\n")])
        .as_flattened()
    {
        let read = |patterns: &[String]| read(patterns, extension);
        let mut patterns: Vec<_> = (0..count).map(|n| format!("mx{n}.host.net")).collect();
        patterns.extend(["*.wild.net", "a.wild.net", "a.b.wild.net"].map(String::from));
        let clean = read(&patterns[..=count]);
        assert_eq!(clean.1, Vec::<String>::new());
        patterns.extend(["mx3.host.net", "*.wild.net"].map(String::from));
        patterns.insert(0, "b.wild.net".to_owned());
        let (policy, said) = read(&patterns);
        let expected = [
            "mx-covered 0 b.wild.net".to_owned(),
            format!("mx-covered {} a.wild.net", count + 2),
            format!("mx-duplicate {} mx3.host.net", count + 4),
            format!("mx-duplicate {} *.wild.net", count + 5),
        ];
        assert_eq!(said, expected, "{count}");

        for (host, pattern) in [
            ("mx0.host.net", Some("mx0.host.net")),
            ("MX3.Host.net.", Some("mx3.host.net")),
            ("b.wild.net", Some("b.wild.net")),
            ("A.wild.net", Some("*.wild.net")),
            ("c.wild.net", Some("*.wild.net")),
            ("a.b.wild.net", Some("a.b.wild.net")),
            ("c.b.wild.net", None),
            ("wild.net", None),
            ("mx0.host.org", None),
        ] {
            let found = policy.matching_pattern(host);
            assert_eq!(
                found.map(|found| found.to_string()).as_deref(),
                pattern,
                "{host}"
            );
        }
    }
}

/// The policy, and what is advised: the code, the number of the pattern and its text.
fn read(patterns: &[String], extension: &str) -> (Policy, Vec<String>) {
    let lines = patterns.join("\nmx: ");
    let source =
        format!("version: STSv1\nmode: enforce\nmx: {lines}\nmax_age: 1209600\n{extension}");
    let inspection = Policy::inspect(source.as_bytes());
    assert_eq!(inspection.total(Severity::Error), 0);
    let of_patterns = inspection
        .diagnostics()
        .iter()
        .filter(|diagnostic| diagnostic.code() != "policy-unknown-field");
    let said = of_patterns.map(|diagnostic| {
        let start = diagnostic.span().start();
        let line = source[..start].matches('\n').count();
        let value = &source[diagnostic.span().range()];
        format!("{} {} {value}", diagnostic.code(), line - 2)
    });
    let said = said.collect();
    let policy = Policy::parse(source.as_bytes()).unwrap();
    assert_eq!(inspection.policy(), Some(&policy));
    (policy, said)
}

/// Of more findings than are listed the first error is among those that are; it is corrected, and so are those that
/// are not listed.
#[test]
fn the_first_error_is_listed_behind_many_notes() {
    for (notes, errors) in [(999, 2), (1_000, 1), (1_500, 1), (1_500, 3), (3_000, 700)] {
        let lines = |count, line| format!("mx: {line}\n").repeat(count);
        let source = format!(
            "version: STSv1\nmode: enforce\n{}{}max_age: 1209600\n",
            lines(notes, "Mx.host.net"),
            lines(errors, "mx.host.net."),
        );
        let inspection = Policy::inspect(source.as_bytes());
        assert_eq!(inspection.total(Severity::Error), errors);
        // Each pattern but the first repeats that.
        assert_eq!(inspection.total(Severity::Note), 2 * notes - 1);

        let (more, listed) = inspection.diagnostics().split_last().unwrap();
        assert_eq!((more.code(), listed.len()), ("policy-more-findings", 1_000));
        assert_eq!(more.count(), 2 * notes - 1 + errors - 1_000);
        let first = inspection.errors().next().unwrap();
        assert_eq!(first.span().start(), 31 + 16 * notes + 2);
        assert!(inspection.errors().eq([first]));

        let fixed = inspection.fixed(source.as_bytes()).unwrap();
        assert_eq!(*fixed, *source.replace("net.\n", "net\n").as_bytes());
    }
}
