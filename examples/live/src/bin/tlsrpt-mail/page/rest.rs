//! What is to be said about the reports themselves, and how to read the page.

use super::failures::marked;
use super::rows::{brief, count, grouped, many, shown};
use crate::read::Reading;
use maud::{Markup, html};

/// How many things are listed that were not read.
const SHOWN: usize = 200;
/// How many reporters are named in a row.
const NAMED: usize = 4;

/// In what reports deviate from RFC 8460.
pub(super) fn deviations(reading: &Reading) -> Markup {
    html! {
        @if !reading.deviating.is_empty() {
            section {
                h2 { "Deviations" }
                p .soft { "What is not as RFC 8460 wants it. The reports were read and counted all the same; it is for their senders to mend." }
                ol .findings {
                    @for (kind, row) in &reading.deviating {
                        li {
                            code { (kind.code()) } " " (marked(kind.message()))
                            span .meta {
                                (count(row.reports, "report")) " by "
                                @for (index, name) in row.reporters.iter().take(NAMED).enumerate() {
                                    @if index > 0 { ", " }
                                    (brief(name))
                                }
                                @if let Some(more @ 1..) = row.reporters.len().checked_sub(NAMED) { " and " (grouped(many(more))) " more" }
                                "; for instance at " code { (shown(&row.path)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What should have been a report, and which mails had none.
pub(super) fn not_read(reading: &Reading) -> Markup {
    let troubles = reading
        .told
        .iter()
        .filter_map(|told| Some((told, told.error.as_ref()?)));
    let (notes, errors): (Vec<_>, Vec<_>) = troubles.partition(|(_, trouble)| trouble.is_note());
    let list = |rows: &[(&crate::Told, &crate::read::Trouble)]| {
        html! {
            ol .findings {
                @for (told, trouble) in rows.iter().take(SHOWN) {
                    li {
                        code { (trouble.code()) } " " (shown(&trouble.to_string()))
                        span .meta { (shown(&told.file)) }
                    }
                }
            }
            @if let Some(more @ 1..) = rows.len().checked_sub(SHOWN) {
                p .soft { "And " (grouped(many(more))) " more." }
            }
        }
    };
    html! {
        section {
            h2 { "What was not read" }
            @if errors.is_empty() {
                p { "Nothing: all that should be a report was read." }
            } @else {
                (list(&errors))
            }
            @if !notes.is_empty() {
                details {
                    summary { (count(many(notes.len()), "mail")) " without a report" }
                    (list(&notes))
                }
            }
        }
    }
}

/// How to read the page.
pub(super) fn explanations() -> Markup {
    html! {
        section {
            h2 { "How to read this" }
            ul {
                li { "A session is one attempt of a mail service to speak TLS with one of your MX hosts. One that is under two policies, DANE and MTA-STS, is counted twice." }
                li { "One session may fail in several ways, so the failures by type may come to more than the sessions that failed." }
                li {
                    "Where failures come from is guessed from counts alone. What everybody sees is usually a mistake at home; what one reporter alone sees is usually on the way to it, "
                    "or at that reporter. Counts prove nothing: an attacker who stands before your servers is seen by everybody."
                }
                li { "Reports are as trustworthy as their senders." }
            }
        }
    }
}
