//! Rows of names with bars.

use super::charts::bar;
use super::days;
use crate::chart::visible;
use maud::{Markup, html};
use mta_sts::{Sessions, Summary, UtcDay};
use std::cmp::Reverse;

/// How many rows are shown.
const SHOWN: usize = 50;

/// Which of the operator's domains the reports are about; one alone has nothing to be told apart from.
pub(super) fn domains(summary: &Summary) -> Markup {
    let rows = summary.domains().map(|(name, row)| {
        let results = row.results();
        let results = results.map(|(result_type, sessions)| (result_type.as_str(), sessions));
        let more = html! { @if row.results().len() > 0 { "; " (list(results)) } };
        (
            name,
            row.sessions(),
            html! { (reports(row.reports(), row.first_and_last_day())) (more) },
        )
    });
    let rows: Vec<_> = rows.collect();
    html! {
        @if rows.len() > 1 {
            section {
                h2 { "By policy domain" }
                (by_sessions(rows))
            }
        }
    }
}

/// Who reported, and how many sessions.
pub(super) fn reporters(summary: &Summary) -> Markup {
    let rows = summary.reporters().map(|(name, row)| {
        (
            name,
            row.sessions(),
            reports(row.reports(), row.first_and_last_day()),
        )
    });
    html! {
        section {
            h2 { "By reporter" }
            p .soft { "Who sent the reports: mail services whose sessions with your servers are counted." }
            (by_sessions(rows.collect()))
        }
    }
}

/// Names with their sessions and what else there is to say, the most sessions first.
fn by_sessions(mut rows: Vec<(&str, Sessions, Markup)>) -> Markup {
    rows.sort_by_key(|(_, sessions, _)| Reverse(sessions.total()));
    let most = rows.first().map_or(0, |(_, sessions, _)| sessions.total());
    html! {
        ol .rows {
            @for (name, sessions, more) in rows.iter().take(SHOWN) {
                li {
                    span .name { (shown(name)) }
                    (numbers(*sessions))
                    (bar(*sessions, most))
                    span .meta { (more) }
                }
            }
        }
        (further(rows.len()))
    }
}

/// How many reports, and of which days.
fn reports(number: u64, range: Option<(UtcDay, UtcDay)>) -> Markup {
    html! {
        (count(number, "report"))
        @if let Some(range) = range { ", " (days(range)) }
    }
}

/// With which hosts sessions failed.
pub(super) fn hosts(summary: &Summary) -> Markup {
    let mut rows: Vec<_> = summary.mx_hosts().collect();
    rows.sort_by_key(|(_, row)| Reverse(row.failed()));
    let most = rows.first().map_or(0, |(_, row)| row.failed());
    html! {
        @if !rows.is_empty() {
            section {
                h2 { "Failures by MX host" }
                p .soft { "Not every report names the host, and none says how many sessions with it succeeded." }
                ol .rows {
                    @for (name, row) in rows.iter().take(SHOWN) {
                        li {
                            span .name { (shown(name)) }
                            (numbers(Sessions::new(0, row.failed())))
                            (bar(Sessions::new(0, row.failed()), most))
                            @if let Some(range) = row.first_and_last_day() { span .meta { (days(range)) } }
                        }
                    }
                }
                (further(rows.len()))
            }
        }
    }
}

/// The numbers of a row.
pub(super) fn numbers(sessions: Sessions) -> Markup {
    html! {
        span .numbers {
            @if sessions.successful() > 0 || sessions.failed() == 0 { (grouped(sessions.successful())) }
            @if sessions.successful() > 0 && sessions.failed() > 0 { " + " }
            @if sessions.failed() > 0 { b .bad { (grouped(sessions.failed())) " failed" } }
        }
    }
}

/// Names with how many sessions each, in one line.
pub(super) fn list<'a>(rows: impl Iterator<Item = (&'a str, u64)>) -> Markup {
    const NAMES: usize = 8;
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(_, sessions)| Reverse(*sessions));
    html! {
        @for (index, (name, sessions)) in rows.iter().take(NAMES).enumerate() {
            @if index > 0 { ", " }
            (brief(name)) " (" (grouped(*sessions)) ")"
        }
        @if let Some(more @ 1..) = rows.len().checked_sub(NAMES) { " and " (grouped(many(more))) " more" }
    }
}

fn further(rows: usize) -> Markup {
    html! {
        @if let Some(more @ 1..) = rows.checked_sub(SHOWN) {
            p .soft { "And " (grouped(many(more))) " more." }
        }
    }
}

/// A name that a stranger wrote, without characters that turn the text around. It is escaped where it is put.
pub(super) fn shown(name: &str) -> String {
    name.chars().map(visible).collect()
}

/// The beginning of such a name.
pub(super) fn brief(name: &str) -> String {
    const BRIEF: usize = 48;
    let more = name.chars().nth(BRIEF).map(|_| '…');
    name.chars().take(BRIEF).map(visible).chain(more).collect()
}

pub(super) fn many(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// `1,234,567`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 report`, `1,234 reports`
pub(super) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number))
}

/// `10.5 %`; nothing for none.
pub(super) fn share(part: u64, whole: u64) -> Option<String> {
    let per_mille = u128::from(part)
        .saturating_mul(1_000)
        .checked_div(whole.into())?;
    match (part, per_mille) {
        (0, _) => None,
        (_, 0) => Some("under 0.1 %".to_owned()),
        _ => Some(format!("{}.{} %", per_mille / 10, per_mille % 10)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!([0, 999, 1_000].map(grouped), ["0", "999", "1,000"]);
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(count(1, "mail"), "1 mail");
        assert_eq!(count(1_234, "mail"), "1,234 mails");
        assert_eq!(share(0, 0), None);
        assert_eq!(share(0, 5), None);
        assert_eq!(share(1, 2_000).unwrap(), "under 0.1 %");
        assert_eq!(share(39, 373).unwrap(), "10.4 %");
        assert_eq!(share(u64::MAX, u64::MAX).unwrap(), "100.0 %");
    }
}
