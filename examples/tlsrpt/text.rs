//! The summary for people.

use crate::Told;
use crate::chart::{Row, bars, shortened, visible};
use mta_sts::{Cause, Sessions, Summary, UtcDay};
use std::cmp::Reverse;
use std::fmt::Write;

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// How many rows of a chart are shown.
const SHOWN: usize = 15;
/// How many characters of a name are shown.
const NAME: usize = 48;
/// How many days are shown, the last ones.
const SHOWN_DAYS: usize = 31;

/// `remark` stands behind the number of reports.
pub(crate) fn summary(summary: &Summary, told: &[Told], remark: &str) -> String {
    let mut out = deviations(told);
    out += &headline(summary, remark);
    if summary.reports() > 0 {
        out += &charts(summary);
        out += &causes(summary);
    }
    out
}

/// What was tolerated, file by file.
fn deviations(told: &[Told]) -> String {
    let mut out = String::new();
    for told in told.iter().filter(|told| told.error.is_none()) {
        let file: String = told.file.chars().map(visible).collect();
        let _ = writeln!(out, "{BOLD}{file}{PLAIN}");
        for found in &told.deviations {
            let _ = writeln!(out, "  {}: {found}", found.code());
        }
        if told.more > 0 {
            let _ = writeln!(out, "  and {} more", told.more);
        }
        out.push('\n');
    }
    out
}

fn headline(summary: &Summary, remark: &str) -> String {
    let (reports, duplicates) = (summary.reports(), summary.duplicates());
    let mut out = format!("{BOLD}{}", count(reports, "report"));
    if let Some((first, last)) = summary.first_and_last_day() {
        let _ = write!(out, ", {}", days(first, last));
    }
    out += PLAIN;
    if duplicates > 0 {
        let _ = write!(
            out,
            "; {} not counted again",
            count(duplicates, "duplicate")
        );
    }
    out += remark;
    let sessions = summary.sessions();
    let (successful, failed) = (sessions.successful(), sessions.failed());
    let sessions = count(sessions.total(), "session");
    let _ = writeln!(out, "\n{sessions}: {successful} succeeded, {failed} failed");
    if summary.unexplained() > 0 {
        let unexplained = summary.unexplained();
        let _ = writeln!(out, "of the failures, {unexplained} are without details");
    }
    out
}

fn charts(summary: &Summary) -> String {
    let mut out = String::new();
    let days: Vec<Row> = summary
        .days()
        .map(|(day, it)| (day.to_string(), it))
        .collect();
    let earlier = days.len().saturating_sub(SHOWN_DAYS);
    let title = match earlier {
        0 => "Sessions by day".to_owned(),
        _ => format!("Sessions by day, the last {SHOWN_DAYS} of {}", days.len()),
    };
    chart(&mut out, &title, &days[earlier..]);

    let domains = summary.domains();
    let domains: Vec<Row> = domains
        .map(|(name, row)| (name.to_owned(), row.sessions()))
        .collect();
    // One alone would only say again what stands above.
    if domains.len() > 1 {
        top(&mut out, "Sessions by policy domain", domains);
    }
    let reporters = summary.reporters();
    let reporters = reporters.map(|(name, row)| (name.to_owned(), row.sessions()));
    top(&mut out, "Sessions by reporter", reporters.collect());
    let hosts = summary.mx_hosts();
    let hosts = hosts.map(|(name, row)| (name.to_owned(), Sessions::new(0, row.failed())));
    top(&mut out, "Failures by MX host", hosts.collect());
    let results = summary.results();
    let results = results.map(|(name, row)| (name.to_string(), Sessions::new(0, row.sessions())));
    top(&mut out, "Failures by result type", results.collect());
    out
}

/// The rows with the most sessions.
fn top(out: &mut String, title: &str, mut rows: Vec<Row>) {
    rows.sort_by_key(|(_, sessions)| Reverse(sessions.total()));
    let all = rows.len();
    rows.truncate(SHOWN);
    let title = if all > SHOWN {
        format!("{title}, {SHOWN} of {all}")
    } else {
        title.to_owned()
    };
    chart(out, &title, &rows);
}

fn chart(out: &mut String, title: &str, rows: &[Row]) {
    if !rows.is_empty() {
        let _ = writeln!(out, "\n{BOLD}{title}{PLAIN}");
        *out += &bars(rows);
    }
}

/// What each failure means, what usually helps, and what it may come from.
fn causes(summary: &Summary) -> String {
    let mut rows: Vec<_> = summary.results().collect();
    rows.sort_by_key(|(_, row)| Reverse(row.sessions()));
    let mut out = String::new();
    for (result_type, row) in rows.iter().take(SHOWN) {
        let name = shortened(result_type.as_str(), NAME);
        let _ = write!(
            out,
            "\n{BOLD}{name}{PLAIN}: {}",
            count(row.sessions(), "session")
        );
        if let Some((first, last)) = row.first_and_last_day() {
            let _ = write!(out, ", {}", days(first, last));
        }
        out.push('\n');
        if let Some(known) = result_type.known() {
            let _ = writeln!(out, "  {}", known.message());
            if let Some(help) = known.help() {
                let _ = writeln!(out, "  usual remedy: {help}");
            }
        }
        list(&mut out, "reported by", row.reporters().collect());
        list(&mut out, "MX hosts", row.mx_hosts().collect());
        reasons(&mut out, row.reasons().collect());
        if let Some(assessment) = summary.assess(result_type) {
            let color = match assessment.cause() {
                Cause::Misconfiguration => "\u{1b}[33m",
                Cause::Interference => "\u{1b}[31m",
                _ => "",
            };
            let _ = writeln!(out, "  {color}{assessment}{PLAIN}");
        }
    }
    if !rows.is_empty() {
        out += "\nCauses are guessed from counts alone, and reports are as trustworthy as their senders.\n";
    }
    out
}

/// The names with the most sessions, in one line.
fn list(out: &mut String, title: &str, mut rows: Vec<(&str, u64)>) {
    const NAMES: usize = 4;
    rows.sort_by_key(|(_, sessions)| Reverse(*sessions));
    let names = rows
        .iter()
        .take(NAMES)
        .map(|(name, sessions)| format!("{} ({sessions})", shortened(name, NAME)));
    let names = names.collect::<Vec<_>>().join(", ");
    let more = match rows.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if !names.is_empty() {
        let _ = writeln!(out, "  {title}: {names}{more}");
    }
}

/// The reasons with the most sessions, a line for each: some are whole sentences.
fn reasons(out: &mut String, mut rows: Vec<(&str, u64)>) {
    const REASONS: usize = 3;
    rows.sort_by_key(|(_, sessions)| Reverse(*sessions));
    for (reason, sessions) in rows.iter().take(REASONS) {
        let reason = shortened(reason, 2 * NAME);
        let _ = writeln!(out, "  given as reason: {reason} ({sessions})");
    }
    let more = rows.iter().skip(REASONS).map(|_| 1).sum();
    if more > 0 {
        let _ = writeln!(out, "  and {}", count(more, "more reason"));
    }
}

fn days(first: UtcDay, last: UtcDay) -> String {
    if first == last {
        return first.to_string();
    }
    format!("{first} to {last}")
}

pub(crate) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
