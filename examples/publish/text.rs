//! A plan for people.

use crate::against::Changes;
use crate::args::Args;
use annotate_snippets::renderer::{AnsiColor, Style};

const HEAD: Style = Style::new().bold();
const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

pub(crate) fn plan(args: &Args, changes: Option<&Changes>) -> String {
    let Args {
        domain,
        policy,
        plan,
        ..
    } = args;
    let mut out = heading(&format!(
        "{domain}: a policy with mode {}, id {}",
        policy.mode(),
        plan.id()
    ));
    out += "\n";
    out += &heading(&format!(
        "The policy, to be served at {}",
        domain.policy_url()
    ));
    out += &indented(plan.policy_text().lines());
    out += "\n";
    out += &heading("The DNS records");
    out += &indented(plan.zone_lines().iter().map(String::as_str));
    out += "\n";
    out += &heading("The steps");
    for (number, step) in plan.steps().iter().enumerate() {
        let wait = step
            .wait()
            .map_or(String::new(), |wait| format!("{PLACE}{wait}{PLACE:#}: "));
        let number = number + 1;
        out.extend([&format!("  {number}. {wait}"), step.what(), "\n"]);
    }
    if let Some(changes) = changes {
        out += "\n";
        out += &against(changes);
    }
    out
}

fn against(changes: &Changes) -> String {
    if changes.is_empty() {
        return heading("Nothing differs from what is published");
    }
    let mut out = heading("What differs from what is published");
    for line in changes.policy.iter().chain(&changes.zone) {
        let style = match line.as_bytes().first() {
            _ if line.starts_with("--- ") || line.starts_with("+++ ") => HEAD,
            Some(b'+') => ADDED,
            Some(b'-') => REMOVED,
            Some(b'@') => PLACE,
            _ => Style::new(),
        };
        out.extend([format!("  {style}{line}{style:#}"), "\n".into()]);
    }
    if changes.is_only_the_id {
        out += "\n  The policy says what it said before: its record can stay as it is, with its own id.\n";
    }
    out
}

fn heading(text: &str) -> String {
    format!("{HEAD}{text}{HEAD:#}\n")
}

fn indented<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.flat_map(|line| ["  ", line, "\n"]).collect()
}
