//! The domains that are asked about, and how far it is with them.

use futures_util::stream::{self, BoxStream, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};

/// The names, from the command line and from standard input where it is named; read as they are needed.
pub(crate) fn domains(names: &[String]) -> BoxStream<'_, io::Result<String>> {
    let names = stream::iter(names).flat_map(|name| match &**name {
        "-" => stdin().boxed(),
        name => stream::iter([Ok(name.to_owned())]).boxed(),
    });
    names.boxed()
}

/// The lines of standard input that are not empty.
fn stdin() -> impl futures_util::Stream<Item = io::Result<String>> {
    let lines = BufReader::new(tokio::io::stdin()).lines();
    stream::unfold(lines, |mut lines| async {
        loop {
            let line = lines.next_line().await.transpose()?;
            let line = line.map(|line| line.trim().to_owned()).map_err(|error| {
                io::Error::new(error.kind(), format!("cannot read standard input: {error}"))
            });
            if !line.as_ref().is_ok_and(String::is_empty) {
                return Some((line, lines));
            }
        }
    })
}

/// A bar on standard error if that is a terminal and there is something to wait for.
pub(crate) fn progress(names: &[String]) -> ProgressBar {
    let reads_stdin = names.iter().any(|name| name == "-");
    if !io::stderr().is_terminal() || (names.len() == 1 && !reads_stdin) {
        return ProgressBar::hidden();
    }
    let (bar, template) = if reads_stdin {
        (
            ProgressBar::no_length(),
            "{spinner} {pos} domains, {elapsed}",
        )
    } else {
        let len = u64::try_from(names.len()).unwrap_or(u64::MAX);
        (
            ProgressBar::new(len),
            "{wide_bar} {pos} of {len}, {elapsed}",
        )
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
