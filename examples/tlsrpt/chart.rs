//! Bars in a terminal.

use mta_sts::Sessions;
use std::env;
use std::fmt::Write;

const GREEN: &str = "\u{1b}[32m";
const RED: &str = "\u{1b}[31m";
const PLAIN: &str = "\u{1b}[0m";

/// How many characters of a label are shown, and in a narrow terminal at least: a day has so many.
const LABEL: usize = 35;
const SHORT_LABEL: usize = 10;
/// How long a bar can be at least, before and after labels are cut for its sake.
const BAR: usize = 10;
const SHORT_BAR: usize = 4;

/// How wide a line may be: as the shell says, or as wide as a terminal always is.
fn width() -> usize {
    let columns = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    columns.unwrap_or(80).clamp(40, 200)
}

/// A row: a label, and how many sessions.
pub(crate) type Row = (String, Sessions);

/// A line for each row, with a bar: what succeeded, then what failed.
pub(crate) fn bars(rows: &[Row]) -> String {
    let numbers = |sessions: Sessions| match (sessions.successful(), sessions.failed()) {
        (0, failed) => format!("{failed} failed"),
        (successful, 0) => successful.to_string(),
        (successful, failed) => format!("{successful} + {failed} failed"),
    };
    let numbers_width = rows.iter().map(|(_, it)| numbers(*it).len()).max();
    // Two spaces stand before each of the three columns.
    let left = width().saturating_sub(6 + numbers_width.unwrap_or(0));
    let most_of_label = left.saturating_sub(BAR).clamp(SHORT_LABEL, LABEL);
    let labels = rows
        .iter()
        .map(|(label, _)| shortened(label, most_of_label));
    let labels: Vec<String> = labels.collect();
    let label_width = labels.iter().map(|it| it.chars().count()).max();
    let label_width = label_width.unwrap_or(0);
    let room = left.saturating_sub(label_width).max(SHORT_BAR);
    let most = rows.iter().map(|(_, it)| it.total()).max().unwrap_or(0);
    let mut out = String::new();
    for (label, (_, sessions)) in labels.iter().zip(rows) {
        let failed = scaled(sessions.failed(), most, room);
        let successful = scaled(sessions.successful(), most, room - failed);
        let (good, bad) = ("█".repeat(successful), "▒".repeat(failed));
        let space = " ".repeat(room - failed - successful);
        let numbers = numbers(*sessions);
        let _ = writeln!(
            out,
            "  {label:label_width$}  {GREEN}{good}{RED}{bad}{PLAIN}{space}  {numbers}"
        );
    }
    out
}

/// How many of `room` cells: none only for none.
fn scaled(count: u64, most: u64, room: usize) -> usize {
    let cells = u128::from(count) * room as u128 / u128::from(most.max(1));
    let cells = usize::try_from(cells).unwrap_or(room).min(room);
    cells.max(usize::from(count > 0 && room > 0))
}

/// As much of a text as is shown.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let visible = text.chars().map(visible);
    if text.chars().nth(most).is_none() {
        return visible.collect();
    }
    visible.take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The character, or U+FFFD for one that moves the cursor or turns the text around.
pub(crate) fn visible(char: char) -> char {
    match char {
        '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => '\u{fffd}',
        char if char.is_control() => '\u{fffd}',
        char => char,
    }
}
