//! TLS reports in mails and over HTTPS: reads and sums up those that others send, counts the sessions of a day and sends reports, and receives some.
//!
//! ```text
//! cargo run -p live --bin tlsrpt-mail -- read --html reports.html ~/Maildir/.tls-reports
//! cargo run -p live --bin tlsrpt-mail -- send examples/live/data/sessions.txt --organization Kestrel --contact tls@kestrel.example --out outbox
//! ```
//!
//! `-- --help` lists the options. Whether mails are signed with DKIM is not checked, and those that are sent have no signature yet.

mod args;
#[path = "../../../../tlsrpt/chart.rs"]
mod chart;
#[path = "../../../../tlsrpt/json.rs"]
mod json;
mod page;
mod read;
mod receive;
#[path = "../../../../audit/response.rs"]
mod response;
#[path = "../shared/say.rs"]
mod say;
mod send;
#[path = "../../../../tlsrpt/text.rs"]
mod text;

use args::{Arguments, Command};
use clap::Parser;
use mta_sts::Deviation;
use read::Trouble;
use say::complain;
use std::process::ExitCode;

/// Wrong use, or something here is in the way. `clap` ends with it too.
const FAILURE: u8 = 2;

/// A mail or a part of one, and what was said about it.
pub(crate) struct Told {
    /// Where it lies; the number of the mail in a mailbox, and that of the part behind the name of the file.
    pub(crate) file: String,
    pub(crate) deviations: Vec<Deviation>,
    /// How many there are beyond those listed.
    pub(crate) more: usize,
    pub(crate) error: Option<Trouble>,
}

fn main() -> ExitCode {
    let status = match Arguments::parse().command {
        Command::Read(args) => read::run(&args),
        Command::Send(args) => send::run(&args),
        Command::Receive(args) => receive::run(&args),
    };
    ExitCode::from(status.unwrap_or_else(|complaint| {
        complain(&complaint);
        FAILURE
    }))
}
