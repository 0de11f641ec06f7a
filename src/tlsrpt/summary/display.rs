//! The summary as text.

use super::{Sessions, Summary};
use crate::tlsrpt::day::UtcDay;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

/// How many rows of a table are shown.
const SHOWN: usize = 20;
/// How many days are shown, the last ones.
const SHOWN_DAYS: usize = 31;
/// How many result types of a domain are shown.
const SHOWN_RESULTS: usize = 3;
/// How many reasons of a result type are shown.
const SHOWN_REASONS: usize = 3;
/// How many characters of a name are shown.
const NAME: usize = 48;

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reports = Plural(self.reports(), "report");
        let reporters = Plural(count(self.reporters.len()), "reporter");
        write!(f, "{reports} by {reporters}")?;
        if let Some(days) = self.first_and_last_day() {
            write!(f, ", {}", Days(days))?;
        }
        if self.duplicates > 0 {
            let duplicates = Plural(self.duplicates, "duplicate");
            write!(f, "; {duplicates} not counted again")?;
        }
        writeln!(f, "\nsessions: {}", Told(self.sessions))?;
        if self.unexplained > 0 {
            let unexplained = Plural(self.unexplained, "failed session");
            writeln!(f, "without details: {unexplained}")?;
        }
        self.show_days(f)?;
        self.show_domains(f)?;
        self.show_reporters(f)?;
        self.show_hosts(f)?;
        self.show_results(f)
    }
}

impl Summary {
    fn show_days(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let earlier = self.days.len().saturating_sub(SHOWN_DAYS);
        if self.days.len() > 0 || self.undated.total() > 0 {
            writeln!(f, "\nBy day")?;
        }
        if earlier > 0 {
            writeln!(f, "  ({} before)", Plural(count(earlier), "day"))?;
        }
        for (day, sessions) in self.days().skip(earlier) {
            writeln!(f, "  {day}  {}", Told(sessions))?;
        }
        match self.undated.total() {
            0 => Ok(()),
            _ => writeln!(f, "  no date     {}", Told(self.undated)),
        }
    }

    /// One domain alone would only say again what stands above.
    fn show_domains(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.domains.len() < 2 {
            return Ok(());
        }
        let mut rows: Vec<_> = self.domains().collect();
        rows.sort_by_key(|(_, row)| Reverse(row.sessions().total()));
        writeln!(f, "\nBy policy domain")?;
        for (name, row) in rows.iter().take(SHOWN) {
            write!(f, "  {}: {}", Name(name), Told(row.sessions()))?;
            let mut results: Vec<_> = row.results().collect();
            results.sort_by_key(|(_, sessions)| Reverse(*sessions));
            for (number, (result_type, sessions)) in results.iter().take(SHOWN_RESULTS).enumerate()
            {
                let before = if number == 0 { "; " } else { ", " };
                write!(f, "{before}{} {sessions}", Name(result_type.as_str()))?;
            }
            writeln!(f)?;
        }
        further(f, rows.len(), self.domains.further().is_some())
    }

    fn show_reporters(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<_> = self.reporters().collect();
        rows.sort_by_key(|(_, row)| Reverse(row.sessions().total()));
        if !rows.is_empty() {
            writeln!(f, "\nBy reporter")?;
        }
        for (name, row) in rows.iter().take(SHOWN) {
            let reports = Plural(row.reports(), "report");
            write!(f, "  {}: {}, {reports}", Name(name), Told(row.sessions()))?;
            if let Some(days) = row.first_and_last_day() {
                write!(f, ", {}", Days(days))?;
            }
            writeln!(f)?;
        }
        further(f, rows.len(), self.reporters.further().is_some())
    }

    fn show_hosts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<_> = self.mx_hosts().collect();
        rows.sort_by_key(|(_, row)| Reverse(row.failed()));
        if !rows.is_empty() {
            writeln!(f, "\nFailures by MX host")?;
        }
        for (name, row) in rows.iter().take(SHOWN) {
            write!(f, "  {}: {}", Name(name), Plural(row.failed(), "session"))?;
            if let Some(days) = row.first_and_last_day() {
                write!(f, ", {}", Days(days))?;
            }
            writeln!(f)?;
        }
        further(f, rows.len(), self.mx_hosts.further().is_some())
    }

    fn show_results(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<_> = self.results().collect();
        rows.sort_by_key(|(_, result)| Reverse(result.sessions()));
        if !rows.is_empty() {
            writeln!(f, "\nFailures by result type")?;
        }
        for (result_type, result) in rows.iter().take(SHOWN) {
            let sessions = Plural(result.sessions(), "session");
            let reporters = Plural(count(result.reporters().len()), "reporter");
            let name = Name(result_type.as_str());
            write!(f, "  {name}: {sessions}, {reporters}")?;
            if let Some(days) = result.first_and_last_day() {
                write!(f, ", {}", Days(days))?;
            }
            writeln!(f)?;
            if let Some(known) = result_type.known() {
                writeln!(f, "    meaning: {}", known.message())?;
                if let Some(help) = known.help() {
                    writeln!(f, "    usual remedy: {help}")?;
                }
            }
            let mut reasons: Vec<_> = result.reasons().collect();
            reasons.sort_by_key(|(_, sessions)| Reverse(*sessions));
            for (reason, sessions) in reasons.iter().take(SHOWN_REASONS) {
                let sessions = Plural(*sessions, "session");
                writeln!(f, "    given as reason: {} ({sessions})", Name(reason))?;
            }
            if let Some(assessment) = self.assess(result_type) {
                writeln!(f, "    {assessment}")?;
            }
        }
        further(f, rows.len(), self.results.further().is_some())?;
        if rows.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "  (causes are guessed from counts alone, and reports are as trustworthy as their senders)"
        )
    }
}

/// Says that not all rows are shown.
fn further(f: &mut fmt::Formatter<'_>, rows: usize, are_more: bool) -> fmt::Result {
    match (rows.saturating_sub(SHOWN), are_more) {
        (0, _) => Ok(()),
        (more, false) => writeln!(f, "  (and {more} more)"),
        (more, true) => writeln!(f, "  (and more than {more} more)"),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// `1 report`, `2 reports`.
struct Plural(u64, &'static str);

impl fmt::Display for Plural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, what) = self;
        let plural = if *number == 1 { "" } else { "s" };
        write!(f, "{number} {what}{plural}")
    }
}

/// `12 succeeded, 3 failed (20.0 %)`.
struct Told(Sessions);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(sessions) = self;
        let (successful, failed) = (sessions.successful(), sessions.failed());
        write!(f, "{successful} succeeded, {failed} failed")?;
        let per_mille = u128::from(failed)
            .saturating_mul(1_000)
            .checked_div(u128::from(sessions.total()));
        match per_mille.filter(|_| failed > 0) {
            Some(0) => f.write_str(" (under 0.1 %)"),
            Some(per_mille) => write!(f, " ({}.{} %)", per_mille / 10, per_mille % 10),
            None => Ok(()),
        }
    }
}

/// One day, or from one to another.
struct Days((UtcDay, UtcDay));

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self((first, last)) = self;
        if first == last {
            return write!(f, "{first}");
        }
        write!(f, "{first} to {last}")
    }
}

/// A name that a stranger wrote: no more of it than fits, and nothing that moves the cursor or turns the text around.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |char: char| match char {
            '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => char::REPLACEMENT_CHARACTER,
            char if char.is_control() => char::REPLACEMENT_CHARACTER,
            char => char,
        };
        let name: String = self.0.chars().take(NAME).map(shown).collect();
        f.write_str(&name)?;
        match self.0.chars().nth(NAME) {
            Some(_) => f.write_str("…"),
            None => Ok(()),
        }
    }
}
