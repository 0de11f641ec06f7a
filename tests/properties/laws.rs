//! What holds for every input: plain functions, called for generated inputs and for the rows of `tests/vectors`.

use mta_sts::{
    AcceptedBy, Diagnostic, Domain, Edit, Error, Fix, Inspection, LineIndex, MaxAge, Mode,
    MxPattern, ParseOptions, Policy, PolicyDomain, ReportScheme, ReportUri, SelectError, Severity,
    StsRecord, TlsRptRecord, Tolerance, TxtAnswer,
};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::{Debug, Display};

/// The same for every text that may be a policy, read strictly and under `options`.
pub(crate) fn policy(text: &[u8], options: ParseOptions) {
    let strict = Policy::parse(text);
    let other = Policy::parse_with(text, &options);
    let lenient = Policy::parse_with(text, &ParseOptions::lenient());
    let accepted_by = match (&strict, &lenient) {
        (Ok(_), _) => AcceptedBy::Strict,
        (_, Ok(_)) => AcceptedBy::Lenient,
        _ => AcceptedBy::Nobody,
    };

    if strict.is_ok() {
        assert_eq!(strict, other);
        assert_eq!(strict, lenient);
        assert!(
            other
                .as_ref()
                .is_ok_and(|policy| policy.tolerances().is_strict())
        );
    }
    // Each tolerance only adds to what is accepted.
    assert!(other.is_err() || lenient.is_ok(), "{other:?} {lenient:?}");
    for policy in [&strict, &other, &lenient].into_iter().flatten() {
        written(policy);
        needed_tolerances(text, policy);
    }

    for (options, read) in [(ParseOptions::strict(), &strict), (options, &other)] {
        let inspection = Policy::inspect_with(text, &options);
        assert_eq!(inspection.value(), read.as_ref().ok());
        assert_eq!(inspection.accepted_by(), accepted_by);
        first_error(&inspection, read.as_ref().err());
        findings(&inspection, text);
        corrections(&inspection, text, |fixed| {
            let policy = Policy::parse(fixed).expect("a fixed policy");
            let again = Policy::inspect(fixed);
            assert!(matches!(again.fixed(fixed), Some(Cow::Borrowed(same)) if same == fixed));
            // What only form forbids means what it seems to.
            let form = Tolerance::ALL[..5].iter().copied().collect();
            if let Ok(formless) = Policy::parse_with(text, &form) {
                assert_eq!(formless.derive_id(), policy.derive_id());
            }
            // Advice changes nothing that a sender obeys.
            let mx: BTreeSet<_> = policy.mx().map(MxPattern::from).collect();
            (policy.mode(), policy.max_age(), mx)
        });
    }
}

/// The tolerances of a policy are those without which the text is not readable.
fn needed_tolerances(text: &[u8], policy: &Policy) {
    let used = policy.tolerances();
    assert_eq!(Policy::parse_with(text, &used).as_ref(), Ok(policy));
    for tolerance in used.iter() {
        let fewer = used.without(tolerance);
        // Without its tolerance a name with `_` or a final dot may be dropped as unusable instead.
        let dropped = fewer.tolerates(Tolerance::UnusableMx);
        let skipped = fewer.tolerates(Tolerance::UnknownLines);
        let read = Policy::parse_with(text, &fewer);
        assert!(
            read.is_err() || dropped || skipped,
            "{tolerance} was not needed"
        );
    }
}

/// A policy can be written and read back, under the tolerances it was read with if with any.
pub(crate) fn written(policy: &Policy) {
    let text = policy.to_string();
    let read = Policy::parse_with(text.as_bytes(), &policy.tolerances());
    assert_eq!(read.as_ref(), Ok(policy));
    assert_eq!(read.map(|policy| policy.to_string()), Ok(text));
    let ids = policy.clone().derive_id();
    assert_eq!(ids, policy.derive_id());
}

/// The same for every text that may be a record.
pub(crate) fn record(text: &[u8]) {
    record_of_a_kind(text, StsRecord::parse, StsRecord::inspect);
}

/// The same for every text that may be a TLS reporting record, and its addresses.
pub(crate) fn tls_rpt_record(text: &[u8]) {
    record_of_a_kind(text, TlsRptRecord::parse, TlsRptRecord::inspect);
    let Ok(record) = TlsRptRecord::parse(text) else {
        return;
    };
    assert!(!record.rua().is_empty());
    for uri in record.rua() {
        assert_eq!(uri.as_str().parse::<ReportUri>().as_ref(), Ok(uri));
        assert!(!uri.as_str().contains([' ', ',', ';', '!']), "{uri}");
        let Some(mailbox) = uri.mailbox() else {
            continue;
        };
        assert_eq!(uri.scheme(), ReportScheme::Mailto);
        assert!(!mailbox.contains(char::is_control), "{mailbox}");
        let (local, domain) = mailbox.rsplit_once('@').expect("a mailbox");
        assert!(!local.is_empty() && domain.parse::<Domain>().is_ok());
    }
}

fn record_of_a_kind<R: PartialEq + Debug + Display>(
    text: &[u8],
    parse: fn(&[u8]) -> Result<R, Error>,
    inspect: fn(&[u8]) -> Inspection<R>,
) {
    let read = parse(text);
    let inspection = inspect(text);
    assert_eq!(inspection.value(), read.as_ref().ok());
    let accepted_by = inspection.accepted_by();
    assert_eq!(accepted_by == AcceptedBy::Strict, read.is_ok());
    assert_ne!(accepted_by, AcceptedBy::Lenient);
    first_error(&inspection, read.as_ref().err());
    findings(&inspection, text);
    corrections(&inspection, text, |fixed| {
        let record = parse(fixed).expect("a fixed record");
        let again = inspect(fixed);
        assert!(matches!(again.fixed(fixed), Some(Cow::Borrowed(same)) if same == fixed));
        record
    });
    if let Ok(record) = read {
        let text = record.to_string();
        assert_eq!(parse(text.as_bytes()), Ok(record));
    }
}

/// The same for every answer.
pub(crate) fn answer(answer: &TxtAnswer) {
    let selected = StsRecord::select(answer);
    assert_eq!(selected, StsRecord::select(answer.iter()));
    inspected_answer(answer, selected, &StsRecord::inspect_answer(answer));
    let selected = TlsRptRecord::select(answer);
    assert_eq!(selected, TlsRptRecord::select(answer.iter()));
    inspected_answer(answer, selected, &TlsRptRecord::inspect_answer(answer));
}

fn inspected_answer<R: PartialEq + Debug>(
    answer: &TxtAnswer,
    selected: Result<Option<R>, SelectError>,
    inspection: &Inspection<R>,
) {
    assert_eq!(inspection.value(), selected.ok().flatten().as_ref());
    assert_eq!(
        inspection.errors().next().is_none(),
        inspection.value().is_some()
    );
    findings(inspection, answer.as_text());
}

/// The same for every text that may be a name.
pub(crate) fn name(text: &str) {
    if let Ok(domain) = text.parse::<Domain>() {
        assert_eq!(domain.as_str().parse::<Domain>().as_ref(), Ok(&domain));
        assert!(domain.as_str().is_ascii() && domain.as_str().len() <= 253);
        let pattern = MxPattern::try_from(domain.as_str()).expect("a name is a pattern");
        assert!(
            pattern.matches(text) && pattern.matches(&format!("{text}.")),
            "{text}"
        );
    }
    if let Ok(domain) = text.parse::<PolicyDomain>() {
        assert_eq!(
            domain.as_str().parse::<PolicyDomain>().as_ref(),
            Ok(&domain)
        );
        assert!(domain.record_name().len() <= 253 && domain.policy_host().len() <= 252);
        assert_eq!(
            domain.tls_rpt_name().is_some(),
            domain.as_str().len() <= 242
        );
    }
    if let Ok(pattern) = text.parse::<MxPattern>() {
        assert_eq!(pattern.as_str().parse::<MxPattern>().as_ref(), Ok(&pattern));
        assert_eq!(pattern.as_str(), text.to_ascii_lowercase());
    }
}

/// Whoever is asked whether `pattern` matches `host` says `expected`; neither case nor a final dot matters.
pub(crate) fn matching(pattern: &MxPattern, host: &str, expected: bool) {
    let builder = || Policy::builder(Mode::Enforce, MaxAge::MAX);
    let few = builder().mx(pattern.clone()).build().expect("a policy");
    let decoys = (0..40).map(|n| format!("decoy{n}.invalid").parse().expect("a pattern"));
    let many = decoys
        .fold(builder(), mta_sts::PolicyBuilder::mx)
        .mx(pattern.clone());
    let many = many.build().expect("a policy");
    let dotted = format!("{host}.");
    let dotted = if host.ends_with('.') || host.is_empty() {
        host
    } else {
        &dotted
    };
    for host in [
        host,
        dotted,
        &host.to_ascii_uppercase(),
        &host.to_ascii_lowercase(),
    ] {
        assert_eq!(pattern.matches(host), expected, "{pattern:?} {host:?}");
        for policy in [&few, &many] {
            assert_eq!(policy.mx_matches(host), expected, "{pattern:?} {host:?}");
            let found = policy.matching_pattern(host).map(MxPattern::from);
            assert_eq!(found.as_ref(), expected.then_some(pattern), "{host:?}");
            let lent = policy.mx().last().expect("a pattern");
            assert_eq!(lent.matches(host), expected, "{pattern:?} {host:?}");
        }
    }
}

fn first_error<T>(inspection: &Inspection<T>, error: Option<&Error>) {
    let first = inspection.errors().next();
    let found = first.map(|first| (first.error_kind(), first.span()));
    assert_eq!(found, error.map(|error| (Some(error.kind()), error.span())));
}

fn is_more(finding: &Diagnostic) -> bool {
    finding.code().ends_with("-more-findings")
}

/// Places, order, numbers.
fn findings<T>(inspection: &Inspection<T>, text: &[u8]) {
    let list = inspection.diagnostics();
    assert!(
        list.is_sorted_by_key(|finding| finding.span().start()),
        "{list:?}"
    );
    assert!(list.len() <= 1001);
    let boundaries = boundaries(text);
    for finding in list {
        let (start, end) = (finding.span().start(), finding.span().end());
        assert!(boundaries[start] && boundaries[end], "{finding:?}");
        assert_eq!(finding.error_kind().is_none(), finding.lint().is_some());
    }
    // Each place costs the length of its line: some of a long list are enough.
    let lines = LineIndex::new(text);
    for finding in list.iter().step_by(list.len() / 20 + 1) {
        let (start, end) = (finding.span().start(), finding.span().end());
        assert!(lines.position(start) <= lines.position(end));
        let utf16 = lines.utf16_range(finding.span());
        assert!(utf16.start <= utf16.end);
        assert!(lines.line_span(lines.position(start).line).is_some());
    }
    let truncated = list.last().is_some_and(is_more);
    for severity in [Severity::Note, Severity::Warning, Severity::Error] {
        let same = |finding: &&Diagnostic| finding.severity() == severity && !is_more(finding);
        let listed: usize = list.iter().filter(same).map(Diagnostic::count).sum();
        let total = inspection.total(severity);
        assert!(
            listed == total || (truncated && listed < total),
            "{severity}"
        );
    }
    assert_eq!(
        inspection.value().is_some(),
        inspection.total(Severity::Error) == 0
    );

    let errors = list.iter().filter(|finding| finding.error_kind().is_some());
    let fixes = errors.filter_map(Diagnostic::fix);
    let mut edits: Vec<_> = fixes.flat_map(Fix::edits).map(Edit::span).collect();
    edits.sort_by_key(|span| (span.start(), span.end()));
    assert!(
        edits.is_sorted_by(|one, next| one.end() <= next.start()),
        "{edits:?}"
    );
    assert!(
        edits
            .iter()
            .all(|span| boundaries[span.start()] && boundaries[span.end()])
    );
}

/// Where a character or a maximal invalid sequence begins, and the end.
fn boundaries(text: &[u8]) -> Vec<bool> {
    let mut boundaries = vec![false; text.len() + 1];
    boundaries[text.len()] = true;
    let mut at = 0;
    for chunk in text.utf8_chunks() {
        for (offset, _) in chunk.valid().char_indices() {
            boundaries[at + offset] = true;
        }
        at += chunk.valid().len();
        boundaries[at] = true;
        at += chunk.invalid().len();
    }
    boundaries
}

/// A correction is there if every error has one, and it is accepted; `read` gives what it says.
fn corrections<T, M: PartialEq + Debug>(
    inspection: &Inspection<T>,
    text: &[u8],
    read: impl Fn(&[u8]) -> M,
) {
    let list = inspection.diagnostics();
    let mut errors = list
        .iter()
        .filter(|finding| finding.error_kind().is_some())
        .peekable();
    let clean = errors.peek().is_none();
    let fixable = errors.all(|error| error.fix().is_some());
    let fixed = inspection.fixed(text);
    if !list.last().is_some_and(is_more) {
        assert_eq!(fixed.is_some(), fixable, "{list:?}");
        assert!(!clean || matches!(fixed, Some(Cow::Borrowed(_))));
    }
    let advised = inspection.fixed_with_advice(text);
    assert_eq!(fixed.is_some(), advised.is_some());
    if let (Some(fixed), Some(advised)) = (fixed, advised) {
        assert_eq!(read(&fixed), read(&advised));
    }
}
