//! The summary as a page: one file that loads nothing and runs nothing, for wide and narrow windows, in the light and in the dark.
//!
//! What stands in reports comes from strangers. `maud` escapes it; and should that fail, the browser is told to load nothing, to run no script, and to take no
//! style sheet but this one.

mod charts;
mod failures;
mod rest;
mod rows;

use crate::read::Reading;
use charts::{Series, Shown};
use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use mta_sts::{Sessions, UnixTime, UtcDay};
use ring::digest::{SHA256, digest};
use rows::{count, grouped, many, share};

const STYLE: &str = include_str!("style.css");

/// The page of all that was read, written at this moment.
pub(crate) fn page(reading: &Reading, now: UnixTime) -> String {
    let summary = &reading.summary;
    let title = match summary.first_and_last_day() {
        Some(range) => format!("TLS reports, {}", days(range)),
        None => "TLS reports".to_owned(),
    };
    let hash = BASE64.encode(digest(&SHA256, STYLE.as_bytes()).as_ref());
    let security = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(security);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "TLS reports" }
                    @if let Some(range) = summary.first_and_last_day() {
                        p .period { (days(range)) }
                    }
                    (tiles(reading))
                    (failures::lead(summary))
                }
                main {
                    p .trust { (reading.trust()) }
                    @if summary.reports() > 0 {
                        (by_day(reading))
                        (failures::section(summary))
                        (rows::domains(summary))
                        (rows::hosts(summary))
                        (rows::reporters(summary))
                    }
                    (rest::deviations(reading))
                    (rest::not_read(reading))
                    (rest::explanations())
                }
                footer { "Written " (now) " by " code { "tlsrpt-mail" } ". All days are those of UTC." }
            }
        }
    };
    page.into_string()
}

fn tiles(reading: &Reading) -> Markup {
    let summary = &reading.summary;
    let sessions = summary.sessions();
    let failed = share(sessions.failed(), sessions.total());
    html! {
        dl .tiles {
            div { dt { "Sessions" } dd { (grouped(sessions.total())) } }
            div .ok { dt { "Succeeded" } dd { (grouped(sessions.successful())) } }
            div .bad { dt { "Failed" } dd { (grouped(sessions.failed())) @if let Some(failed) = failed { small { (failed) } } } }
            div {
                dt { "Reports" }
                dd {
                    (grouped(summary.reports()))
                    @if summary.duplicates() > 0 {
                        small { (grouped(summary.duplicates())) " more came twice" }
                    }
                }
            }
            div { dt { "Reporters" } dd { (grouped(many(summary.reporters().len()))) } }
        }
    }
}

fn by_day(reading: &Reading) -> Markup {
    let summary = &reading.summary;
    let series = Series::of(summary);
    let sessions = summary.sessions();
    html! {
        section {
            h2 { "Sessions by " (series.step) }
            @if series.earlier > 0 {
                p .soft { "The last ones; " (grouped(many(series.earlier))) " before them are not shown." }
            }
            p .key { span .ok { "succeeded" } " " span .bad { "failed" } }
            figure { (series.charts(Shown::All)) }
            @if sessions.failed() > 0 && sessions.successful() > 0 {
                h3 { "Those that failed, on a scale of their own" }
                figure { (series.charts(Shown::Failed)) }
            }
            @if summary.undated().total() > 0 {
                p .soft { (counted(summary.undated())) " in reports that do not say which day they are about." }
            }
            details {
                summary { "As numbers" }
                table {
                    thead { tr { th { "Day" } th { "Succeeded" } th { "Failed" } } }
                    tbody {
                        @for (day, sessions) in summary.days() {
                            tr {
                                th { (day) }
                                td { (grouped(sessions.successful())) }
                                td .bad[sessions.failed() > 0] { (grouped(sessions.failed())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `2026-11-21`, or from one day to another.
fn days((first, last): (UtcDay, UtcDay)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first} to {last}")
    }
}

fn counted(sessions: Sessions) -> String {
    let failed = grouped(sessions.failed());
    format!(
        "{}, {failed} of them failed,",
        count(sessions.total(), "session")
    )
}
