//! What a text comes to: who sees a policy in it, which hosts that allows, and what several texts have in common.

use crate::render::headline;
use crate::subject::{Reading, Subject};
use annotate_snippets::Level;
use mta_sts::{AcceptedBy, Mode, Policy, ReportUri, TlsRptRecord};
use std::fmt;

/// One line about a text, and one about each host.
pub(crate) fn verdict(subject: &Subject, hosts: &[String]) -> String {
    let (what, content) = match &subject.reading {
        Reading::Policy(inspection) => ("policy", inspection.policy().map(in_short)),
        Reading::Record(inspection) => {
            let record = inspection.value();
            ("record", record.map(|record| format!("id {}", record.id())))
        }
        Reading::TlsRptRecord(inspection) => {
            let rua = inspection.value().map(TlsRptRecord::rua);
            let uris = rua.map(|rua| rua.iter().map(ReportUri::as_str).collect::<Vec<_>>());
            (
                "record",
                uris.map(|uris| format!("rua {}", uris.join(", "))),
            )
        }
    };
    let (level, seen) = match subject.accepted_by() {
        AcceptedBy::Strict => (Level::NOTE.with_name("valid"), None),
        AcceptedBy::Lenient => {
            let seen = format!("some senders see a {what} here, some do not");
            (Level::WARNING.with_name("doubtful"), Some(seen))
        }
        AcceptedBy::Nobody => {
            let seen = format!("senders see no {what} here");
            (Level::ERROR.with_name("invalid"), Some(seen))
        }
    };
    let is_refused = subject.accepted_by() != AcceptedBy::Strict;
    let fix =
        (is_refused && subject.fixed().is_some()).then(|| "`--fix` can correct it".to_owned());

    let parts: Vec<_> = [seen, content, tally(subject.totals()), fix]
        .into_iter()
        .flatten()
        .collect();
    let mut lines = headline(level, format!("{}: {}", subject.name, parts.join("; ")));
    lines += "\n";
    if let Reading::Policy(inspection) = &subject.reading {
        for host in hosts {
            lines += &host_verdict(inspection.policy(), host);
            lines += "\n";
        }
    }
    lines
}

fn in_short(policy: &Policy) -> String {
    let patterns = count(policy.mx().count(), "mx pattern");
    format!(
        "mode {}, {patterns}, max_age {}",
        policy.mode(),
        policy.max_age()
    )
}

/// Name matching only: it is all that a policy by itself says about a host.
fn host_verdict(policy: Option<&Policy>, host: &str) -> String {
    let asked = policy.map(|policy| (policy.mode(), policy.matching_pattern(host)));
    let (level, name, reason) = match asked {
        Some((_, Some(pattern))) => (
            Level::NOTE,
            "allowed",
            format!("`mx: {pattern}` matches it"),
        ),
        Some((mode, None)) => {
            let consequence = match mode {
                Mode::Enforce => "senders do not deliver there",
                Mode::Testing => {
                    "in mode `testing` senders deliver there all the same, and report it"
                }
                Mode::None => "in mode `none` senders deliver there all the same",
            };
            (
                Level::ERROR,
                "not allowed",
                format!("no `mx` matches it; {consequence}"),
            )
        }
        None => (
            Level::WARNING,
            "not decided",
            "there is no policy to ask".to_owned(),
        ),
    };
    headline(level.with_name(name), format!("{host}: {reason}"))
}

/// Why a text cannot be corrected.
pub(crate) fn not_fixable(subject: &Subject) -> String {
    let mut diagnostics = subject.diagnostics().iter();
    let unfixable = diagnostics.find(|found| found.error_kind().is_some() && found.fix().is_none());
    let reason = unfixable.map_or(String::new(), |found| {
        format!(": what to write for {} is not certain", found.code())
    });
    format!("{} cannot be corrected{reason}", subject.name)
}

/// What was found in several texts.
#[derive(Default)]
pub(crate) struct Summary {
    strict: usize,
    lenient: usize,
    nobody: usize,
    totals: [usize; 3],
}

impl Summary {
    pub(crate) fn add(&mut self, subject: &Subject) {
        match subject.accepted_by() {
            AcceptedBy::Strict => self.strict += 1,
            AcceptedBy::Lenient => self.lenient += 1,
            AcceptedBy::Nobody => self.nobody += 1,
        }
        for (sum, total) in self.totals.iter_mut().zip(subject.totals()) {
            *sum += total;
        }
    }

    pub(crate) const fn has_errors(&self) -> bool {
        let [errors, _, _] = self.totals;
        errors > 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            strict,
            lenient,
            nobody,
            totals,
        } = self;
        let inputs = count(strict + lenient + nobody, "input");
        write!(
            f,
            "{inputs}: {strict} valid, {lenient} doubtful (lenient senders only), {nobody} invalid"
        )?;
        tally(*totals).map_or(Ok(()), |found| write!(f, "; {found}"))
    }
}

/// `2 errors, 1 note`: what there is of errors, warnings and notes.
fn tally(totals: [usize; 3]) -> Option<String> {
    let found = totals.into_iter().zip(["error", "warning", "note"]);
    let found = found.filter(|(total, _)| *total > 0);
    let parts: Vec<_> = found.map(|(total, what)| count(total, what)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
