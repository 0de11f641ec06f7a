//! What failed, what it means, what helps, and what it may come from.

use super::charts::bar;
use super::rows::{brief, count, grouped, list, many, numbers, share, shown};
use maud::{Markup, html};
use mta_sts::{Assessment, Cause, Reported, ResultSummary, ResultType, Sessions, Summary};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many result types are shown.
const SHOWN: usize = 25;
/// Fewer sessions are little to go by.
const FEW: u64 = 10;

pub(super) fn section(summary: &Summary) -> Markup {
    let mut rows: Vec<_> = summary.results().collect();
    rows.sort_by_key(|(_, row)| Reverse(row.sessions()));
    let hidden = rows.len().saturating_sub(SHOWN);
    rows.truncate(SHOWN);
    let most = rows.first().map_or(0, |(_, row)| row.sessions());
    let reporters = summary.reporters();
    let reporters = reporters.map(|(name, row)| (name, row.sessions().total()));
    let reporters: BTreeMap<_, _> = reporters.collect();
    let cause = |name: &Reported<ResultType>, row: &ResultSummary| {
        let assessment = summary.assess(name)?;
        Some(cause(assessment, row, &reporters))
    };
    html! {
        section {
            h2 { "What failed" }
            @if rows.is_empty() && summary.sessions().failed() == 0 {
                p { "Nothing. Every session that was reported succeeded." }
            }
            @if summary.unexplained() > 0 {
                p .soft { (count(summary.unexplained(), "failed session")) " without details." }
            }
            @if !rows.is_empty() {
                ol .rows {
                    @for (index, (name, row)) in rows.iter().enumerate() {
                        li {
                            a .name href={ "#failure-" (index) } { (shown(name.as_str())) }
                            (numbers(Sessions::new(0, row.sessions())))
                            (bar(Sessions::new(0, row.sessions()), most))
                        }
                    }
                }
                @for (index, (name, row)) in rows.iter().enumerate() {
                    (card(index, name, row, cause(name, row)))
                }
            }
            @if hidden > 0 { p .soft { "And " (count(many(hidden), "result type")) " more." } }
        }
    }
}

/// The most frequent failure, in a sentence.
pub(super) fn lead(summary: &Summary) -> Markup {
    // Of several the first, as below.
    let first = summary
        .results()
        .min_by_key(|(_, row)| Reverse(row.sessions()));
    html! {
        @if let Some((name, row)) = first {
            @let share = share(row.sessions(), summary.sessions().total());
            p .lead {
                "Most often: "
                @if let Some(known) = name.known() { (marked(known.message())) " (" }
                a href="#failure-0" { code { (brief(name.as_str())) } }
                @if name.known().is_some() { ")" }
                ", "
                (count(row.sessions(), "session")) @if let Some(share) = share { " (" (share) ")" }
                @if row.mx_hosts().len() > 0 { ", with " (list(row.mx_hosts())) }
                ". "
                @if let Some(help) = name.known().and_then(|known| known.help()) { b { (sentence(help)) } }
            }
        }
    }
}

fn card(
    index: usize,
    name: &Reported<ResultType>,
    row: &ResultSummary,
    cause: Option<Markup>,
) -> Markup {
    let known = name.known();
    html! {
        article id={ "failure-" (index) } {
            h3 {
                code { (shown(name.as_str())) }
                small { (count(row.sessions(), "session")) " in " (count(row.reports(), "report")) }
            }
            dl .facts {
                @if let Some(known) = known {
                    dt { "Meaning" }
                    dd { (sentence(known.message())) }
                    @if let Some(help) = known.help() {
                        dt { "Usual remedy" }
                        dd .remedy { (sentence(help)) }
                    }
                } @else {
                    dt { "Meaning" }
                    dd { "This type is not one of RFC 8460." }
                }
                @if let Some(range) = row.first_and_last_day() {
                    dt { "Seen" }
                    dd { "first " (range.0) ", last " (range.1) }
                }
                dt { "Reported by" }
                dd { (list(row.reporters())) }
                @if row.mx_hosts().len() > 0 {
                    dt { "MX hosts" }
                    dd { (list(row.mx_hosts())) }
                }
                @if row.reasons().len() > 0 {
                    dt { "Reasons given" }
                    dd { (list(row.reasons())) }
                }
                @if let Some(cause) = cause {
                    dt { "Where from" }
                    dd { (cause) }
                }
            }
        }
    }
}

/// The guess, what speaks for it, and how little that is.
fn cause(assessment: Assessment, row: &ResultSummary, reporters: &BTreeMap<&str, u64>) -> Markup {
    let (class, guess) = match assessment.cause() {
        Cause::Misconfiguration => ("misconfiguration", "Likely a misconfiguration"),
        Cause::Interference => (
            "interference",
            "Possibly an attack, a filter on the way, or a fault of the reporter",
        ),
        _ => ("unclear", "Unclear"),
    };
    let affected = many(row.reporters().len());
    let theirs = row.reporters().filter_map(|(name, _)| reporters.get(name));
    let theirs = theirs.fold(0, |sum: u64, sessions| sum.saturating_add(*sessions));
    let reporters = count(many(reporters.len()), "reporter");
    let is_little = affected <= 1 || row.sessions() < FEW;
    html! {
        span .cause .(class) { (guess) }
        " " (sentence(assessment.reason()))
        br;
        span .soft {
            (grouped(affected)) " of " (reporters) " " @if affected == 1 { "sees" } @else { "see" } " it, in "
            (grouped(row.sessions())) " of " (count(theirs, "session"))
            @if let Some(share) = share(row.sessions(), theirs) { " (" (share) ")" }
            ". "
            @if is_little { b { "Very uncertain" } ": that is little to go by." }
            @else { b { "Uncertain" } ": it is guessed from counts alone." }
        }
    }
}

/// A message with a capital letter and a full stop.
fn sentence(text: &str) -> Markup {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    let text: String = first.chain(chars).collect();
    html! { (marked(&text)) "." }
}

/// What stands between backticks as code.
pub(super) fn marked(text: &str) -> Markup {
    html! {
        @for (index, piece) in text.split('`').enumerate() {
            @if index % 2 == 0 { (piece) } @else { code { (piece) } }
        }
    }
}
