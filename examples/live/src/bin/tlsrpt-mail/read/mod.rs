//! Takes reports out of mails, and sums them up.

mod inputs;
mod mail;
mod reading;
mod trouble;

pub(crate) use reading::Reading;
pub(crate) use trouble::Trouble;

use crate::args::Read;
use crate::say::{ERROR, complain};
use crate::{chart, json, page, text};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use inputs::{Input, inputs, mails};
use live::network::now;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

/// Every report was read.
const READ: u8 = 0;
/// Something that should be one was not.
const REFUSED: u8 = 1;
const FAILURE: u8 = 2;

const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// With less to read nobody waits long enough to be told how far it is.
const MUCH: u64 = 8 << 20;
const MANY: usize = 500;

/// The error is a complaint about what is in the way.
pub(crate) fn run(args: &Read) -> Result<u8, String> {
    let mut is_complete = true;
    let inputs = inputs(&args.inputs, |path, error| {
        unreadable(path.display(), error);
        is_complete = false;
    });
    let progress = progress(&inputs);
    let mut reading = Reading::new(args.deviations);
    let mut done = 0;
    for input in &inputs {
        let (name, len) = match input {
            Input::File { path, len } => (path.display().to_string(), *len),
            Input::Stdin => ("<stdin>".to_owned(), 0),
        };
        let is_read = mails(input).and_then(|mut mails| {
            mails.try_for_each(|raw| {
                let raw = raw?;
                let told = reading.add(&name, &raw);
                if !told.is_empty() {
                    progress.suspend(|| told.iter().for_each(tell));
                }
                progress.inc(u64::try_from(raw.octets.len()).unwrap_or_default());
                progress.set_message(reading.mails.to_string());
                Ok(())
            })
        });
        if let Err(error) = is_read {
            progress.suspend(|| unreadable(&name, &error));
            is_complete = false;
        }
        // Not all of a mailbox is mails.
        done += len;
        progress.set_position(done);
    }
    progress.finish_and_clear();
    if let Some(file) = &args.html {
        write(file, &page::page(&reading, now()))?;
    }
    let status = show(args, &reading)?;
    Ok(if is_complete { status } else { FAILURE })
}

fn write(file: &Path, page: &str) -> Result<(), String> {
    fs::write(file, page).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

/// Writes what it comes to.
fn show(args: &Read, reading: &Reading) -> Result<u8, String> {
    let written = if args.json {
        let mut object = json::object(&reading.summary, &reading.told);
        for (value, (mail, part)) in object["files"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .zip(&reading.places)
        {
            value["mail"] = (*mail).into();
            value["part"] = part.clone().into();
        }
        object["mails"] = reading.mails.into();
        object["without_report"] = reading.without_report.into();
        object["without_signature"] = reading.without_signature.into();
        object["signatures_checked"] = false.into();
        format!("{object}\n")
    } else {
        let text = text::summary(&reading.summary, &reading.told, &reading.remark());
        format!("{text}\n{}\n", reading.trust())
    };
    let mut out = anstream::stdout().lock();
    let written = out.write_all(written.as_bytes()).and_then(|()| out.flush());
    match written {
        // The reader of a pipe that is closed, such as `head`, has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.to_string()),
        _ if reading.refused > 0 => Ok(REFUSED),
        _ => Ok(READ),
    }
}

/// A line about what is no report, with its code.
fn tell(told: &(String, &Trouble)) {
    let (place, trouble) = told;
    let (style, severity) = if trouble.is_note() {
        (NOTE, "note")
    } else {
        (ERROR, "error")
    };
    let code = trouble.code();
    let line: String = format!("{place}: {trouble}")
        .chars()
        .map(chart::visible)
        .collect();
    // If standard error is closed there is nobody to tell.
    let _ = writeln!(
        anstream::stderr(),
        "{style}{severity}[{code}]{style:#}: {line}"
    );
}

fn unreadable(place: impl fmt::Display, error: &io::Error) {
    let line = format!("cannot read {place}: {error}");
    complain(&line.chars().map(chart::visible).collect::<String>());
}

/// A bar on standard error if that is a terminal and there is something to wait for.
fn progress(inputs: &[Input]) -> ProgressBar {
    let lens = inputs.iter().map(|input| match input {
        Input::File { len, .. } => *len,
        Input::Stdin => 0,
    });
    let all = lens.sum();
    let reads_stdin = inputs.contains(&Input::Stdin);
    let is_much = reads_stdin || all > MUCH || inputs.len() > MANY;
    if !io::stderr().is_terminal() || !is_much {
        return ProgressBar::hidden();
    }
    let (bar, template) = if reads_stdin {
        (ProgressBar::no_length(), "{spinner} {msg} mails, {elapsed}")
    } else {
        (
            ProgressBar::new(all),
            "{wide_bar} {msg} mails, {bytes} of {total_bytes}, {eta}",
        )
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message("0");
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
