//! Real servers on ephemeral ports of the loopback interface. They end with the runtime that they were started in.

pub(crate) mod certificates;
pub(crate) mod dns;
pub(crate) mod host;
pub(crate) mod https;
pub(crate) mod policy_hosts;
pub(crate) mod program;
pub(crate) mod smtp;

/// Says that tests are skipped, past the capture of `cargo test`, which would hide it.
pub(crate) fn skip(why: &str) {
    use std::io::Write;
    writeln!(std::io::stderr(), "skipped: {why}").ok();
}
