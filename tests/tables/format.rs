//! How the tables are read: see `README.md` beside them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Mutex;

/// The rows of one section.
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Row>,
    /// Which row says what follows from these values, and how often it was asked.
    found: Mutex<HashMap<Vec<String>, usize>>,
}

/// A row: what is given, and what follows.
pub(crate) struct Row {
    name: String,
    given: Vec<Cell>,
    follows: BTreeMap<String, String>,
}

struct Cell {
    text: String,
    values: Vec<String>,
}

impl Cell {
    fn has(&self, value: &str) -> bool {
        self.text == "*" || self.values.iter().any(|own| own == value)
    }
}

impl Row {
    /// What follows, in this column.
    #[track_caller]
    pub(crate) fn at(&self, column: &str) -> &str {
        let cell = self.follows.get(column);
        cell.unwrap_or_else(|| panic!("no column {column}"))
    }

    /// A given cell as it stands.
    pub(crate) fn given(&self, number: usize) -> &str {
        &self.given[number].text
    }

    /// The line and its text, for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// The lines of a section, with their numbers.
fn section<'a>(text: &'a str, name: &str) -> impl Iterator<Item = (usize, &'a str)> {
    let heading = format!("[{name}]");
    let lines = text.lines().enumerate();
    lines
        .skip_while(move |(_, line)| *line != heading)
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('['))
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

/// The words that stand for several values.
fn words(text: &str) -> HashMap<&str, &str> {
    let words = section(text, "words").map(|(_, line)| line.split_once('=').expect(line));
    words.map(|(word, of)| (word.trim(), of.trim())).collect()
}

fn cells(part: &str) -> Vec<String> {
    part.split('|').map(|cell| cell.trim().into()).collect()
}

impl Table {
    #[track_caller]
    pub(crate) fn new(text: &str, name: &str) -> Self {
        let words = words(text);
        let mut lines = section(text, name);
        let (_, heading) = lines.next().expect(name);
        let (columns, following) = heading.split_once("->").expect(heading);
        let (columns, following) = (cells(columns), cells(following));
        let cell = |text: String| {
            let values = text.split('/');
            let values = values.flat_map(|value| {
                let values = words.get(value).copied().unwrap_or(value);
                values.split('/').map(str::to_owned).collect::<Vec<_>>()
            });
            let values = values.collect();
            Cell { text, values }
        };
        let rows = lines.map(|(number, line)| {
            let name = format!("[{name}] line {}: {line}", number + 1);
            let (given, follows) = line.split_once("->").expect(&name);
            let (given, follows) = (cells(given), cells(follows));
            assert_eq!(given.len(), columns.len(), "{name}");
            assert_eq!(follows.len(), following.len(), "{name}");
            Row {
                given: given.into_iter().map(cell).collect(),
                follows: following.iter().cloned().zip(follows).collect(),
                name,
            }
        });
        let rows: Vec<_> = rows.collect();
        Self {
            columns,
            rows,
            found: Mutex::default(),
        }
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The one row for these values.
    pub(crate) fn find(&self, given: &[&str]) -> Result<&Row, String> {
        let given: Vec<String> = given.iter().map(|&value| value.into()).collect();
        if let Some(&row) = self.found.lock().unwrap().get(&given) {
            return Ok(&self.rows[row]);
        }
        assert_eq!(given.len(), self.columns.len());
        let matching = self.matching(&given);
        let [row] = matching[..] else {
            let mut message = format!("{} rows for {}", matching.len(), given.join(" | "));
            for row in matching {
                write!(message, "\n    {}", self.rows[row].name).unwrap();
            }
            return Err(message);
        };
        self.found.lock().unwrap().insert(given, row);
        Ok(&self.rows[row])
    }

    fn matching(&self, given: &[String]) -> Vec<usize> {
        let matches = |row: &Row| row.given.iter().zip(given).all(|(cell, own)| cell.has(own));
        let rows = self.rows.iter().enumerate();
        let matching = rows.filter(|(_, row)| matches(row));
        matching.map(|(number, _)| number).collect()
    }

    /// Every value in a given cell that no case had; a row that was never found has only such values.
    pub(crate) fn idle(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        for (given, row) in self.found.lock().unwrap().iter() {
            for (column, value) in given.iter().enumerate() {
                seen.insert((*row, column, value.clone()));
            }
        }
        let mut idle = Vec::new();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, cell) in row.given.iter().enumerate() {
                for value in &cell.values {
                    let value = value.clone();
                    if !seen.contains(&(number, column, value.clone())) && value != "*" {
                        let column = &self.columns[column];
                        idle.push(format!("{column} is never {value} in {}", row.name));
                    }
                }
            }
        }
        idle
    }
}

/// Fails with the first of what is wrong.
#[track_caller]
pub(crate) fn assert_none(wrong: &[String]) {
    let shown = &wrong[..wrong.len().min(20)];
    let count = wrong.len();
    assert!(wrong.is_empty(), "{count} wrong:\n{}\n", shown.join("\n"));
}
