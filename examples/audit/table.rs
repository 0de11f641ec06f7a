//! The MX hosts of a deployment, one a line.

use crate::folder::Folder;
use crate::tls;
use annotate_snippets::renderer::{AnsiColor, Style};
use mta_sts::{Action, Audit, HostView, Mode, Policy, SenderView, TlsOutcome, TlsVerdict};

const HEAD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const PLAIN: Style = Style::new();

type Cell = (String, Style);

/// A line for each host, below a line of headings; nothing if no hosts are known.
pub(crate) fn hosts(folder: &Folder, audit: &Audit) -> String {
    let headings = ["MX host", "pattern", "strict", "lenient", "TLS"];
    let mut rows = vec![headings.map(|heading| (heading.to_owned(), HEAD))];
    for (strict, lenient) in audit.strict().hosts().iter().zip(audit.lenient().hosts()) {
        let pattern = match (policy(audit), pattern(audit, strict.name())) {
            (_, Some(pattern)) => (pattern, PLAIN),
            (Some(policy), None) if policy.mode() != Mode::None => ("none".into(), BAD),
            (Some(_) | None, None) => ("-".into(), PLAIN),
        };
        rows.push([
            (printable(strict.name()), PLAIN),
            pattern,
            fate(strict),
            fate(lenient),
            tls(folder, strict.name()),
        ]);
    }
    if rows.len() == 1 {
        return String::new();
    }
    let widths: Vec<_> = (0..headings.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].0.chars().count());
            cells.max().unwrap_or_default()
        })
        .collect();
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for ((text, style), width) in row.iter().zip(&widths) {
            let pad = width + 2 - text.chars().count();
            line.extend([format!("{style}{text}{style:#}"), " ".repeat(pad)]);
        }
        out += line.trim_end();
        out += "\n";
    }
    out + "\n"
}

/// The pattern that names the host.
pub(crate) fn pattern(audit: &Audit, host: &str) -> Option<String> {
    let pattern = policy(audit)?.matching_pattern(host);
    pattern.map(|pattern| pattern.to_string())
}

/// The policy that senders see, if only those that read leniently.
fn policy(audit: &Audit) -> Option<&Policy> {
    let mut decisions = [audit.strict(), audit.lenient()]
        .into_iter()
        .map(SenderView::decision);
    decisions.find_map(|decision| decision?.policy())
}

fn fate(host: &HostView) -> Cell {
    match (host.action(), host.failure()) {
        (Some(Action::Skip), _) => ("refused".into(), BAD),
        (Some(Action::Deliver), Some(_)) => ("used, reported".into(), DOUBTFUL),
        (Some(Action::Deliver), None) => ("used".into(), GOOD),
        (None, _) => ("depends on TLS".into(), DOUBTFUL),
    }
}

/// What is known of TLS with the host.
pub(crate) fn tls(folder: &Folder, host: &str) -> Cell {
    let name = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let mut hosts = folder.hosts.iter();
    let Some(facts) = hosts.find(|facts| name(&facts.name) == name(host)) else {
        return ("not checked".into(), PLAIN);
    };
    let (text, style) = in_words(facts);
    match &facts.protocol {
        Some(protocol) => (format!("{protocol}, {text}"), style),
        None => (text, style),
    }
}

/// What came of STARTTLS.
fn in_words(host: &tls::Host) -> Cell {
    match host.outcome {
        None => ("not reached".into(), DOUBTFUL),
        Some(TlsOutcome::NotOffered) => ("STARTTLS is not offered".into(), BAD),
        Some(TlsOutcome::Refused(reply)) => (format!("STARTTLS is refused with {reply}"), BAD),
        Some(TlsOutcome::Failed(failure)) => (failure.to_string(), BAD),
        Some(TlsOutcome::Established { pkix, .. }) => match pkix {
            TlsVerdict::Passed => ("the certificate is valid".into(), GOOD),
            TlsVerdict::NotChecked => ("the certificate was not checked".into(), PLAIN),
            TlsVerdict::Failed(failure) => (failure.to_string(), BAD),
        },
    }
}

/// A name from the DNS may hold anything.
fn printable(name: &str) -> String {
    let visible = |char: char| if char.is_control() { '\u{fffd}' } else { char };
    name.chars().map(visible).collect()
}
