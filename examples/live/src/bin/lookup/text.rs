//! A survey for people.

use crate::survey::{Found, Host, Obstacle, Survey};
use anstyle::{AnsiColor, Style};
use mta_sts::{
    Candidate, Diagnostic, DnsError, Mode, Policy, Session, Severity, Source, Starttls, StsRecord,
    Verification,
};
use std::fmt::Display;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const NEUTRAL: Style = Style::new().bold();
/// How many findings of a policy are shown.
const SHOWN: usize = 5;

const LABEL: Style = AnsiColor::Cyan.on_default();

/// A headline and some lines of details. Nothing that a stranger wrote is in it but names and numbers that were checked, or what is quoted.
pub(crate) fn text(survey: &Survey) -> String {
    let name = &survey.name;
    match &survey.result {
        Ok(found) => {
            let (style, verdict) = verdict(found);
            headline(style, name, &verdict) + &details(found)
        }
        Err(Obstacle::NotADomain(error)) => {
            // What is no domain may hold anything.
            let name = name.escape_debug().to_string();
            headline(BAD, &name, &format!("no domain for mail: {error:#}"))
        }
        Err(Obstacle::NoSuchDomain) => headline(BAD, name, &"there is no such domain"),
        Err(Obstacle::NoMail) => headline(NEUTRAL, name, &"takes no mail (null MX)"),
    }
}

fn headline(style: Style, name: &str, verdict: &dyn Display) -> String {
    format!("{style}{name}{style:#}: {verdict}\n")
}

fn line(label: &str, text: &dyn Display) -> String {
    format!("  {LABEL}{label:<8}{LABEL:#}{text}\n")
}

/// What a sender makes of the domain.
fn verdict(found: &Found) -> (Style, String) {
    let decision = &found.decision;
    let failure = decision.failure();
    let because = failure.map_or(String::new(), |failure| {
        let result_type = failure.result_type().code();
        format!("{} ({result_type}, {})", failure.reason(), failure.code())
    });
    match (decision.source(), decision.policy().map(Policy::mode)) {
        (_, Some(Mode::Enforce)) => (
            GOOD,
            "mail goes only to hosts that its policy names, over verified TLS".into(),
        ),
        (_, Some(Mode::Testing)) => (
            DOUBTFUL,
            "its policy is being tested: what fails is reported, and mail goes out all the same"
                .into(),
        ),
        (_, Some(Mode::None)) => (
            NEUTRAL,
            "its policy says that it has none (mode `none`)".into(),
        ),
        (Source::Undetermined, None) => (
            BAD,
            format!("nobody knows whether it has a policy: {because}"),
        ),
        (_, None) if failure.is_some() => (BAD, format!("no policy that works: {because}")),
        (_, None) => (NEUTRAL, "no MTA-STS".into()),
    }
}

fn details(found: &Found) -> String {
    let mut lines = String::new();
    match (found.record(), &found.txt) {
        (Some(record), _) => lines += &line("record", &in_short(&record)),
        (None, Ok(answer)) => {
            for record in answer {
                let text = String::from_utf8_lossy(record);
                lines += &line("record", &format!("cannot be used: {text:?}"));
            }
        }
        (None, Err(_)) => {}
    }
    if let Some(policy) = found.decision.policy() {
        lines += &line("policy", &content(policy));
    }
    let findings = found.findings();
    for finding in findings.iter().take(SHOWN) {
        let label = format!("line {}", finding.line);
        lines += &line(&label, &told(&finding.diagnostic));
    }
    if let Some(more @ 1..) = findings.len().checked_sub(SHOWN) {
        lines += &line(
            "",
            &format!("and {more} findings more; `--json` lists them"),
        );
    }
    match &found.hosts {
        Ok(hosts) => {
            for host in hosts {
                let label = host
                    .preference
                    .map_or("host".to_owned(), |number| format!("mx {number}"));
                let fate = fate(found, host);
                lines += &line(&label, &format!("{}: {fate}", host.name));
            }
        }
        Err(error) => lines += &line("mx", &unknown_hosts(*error)),
    }
    lines
}

fn in_short(record: &StsRecord) -> String {
    format!("id {}", record.id())
}

fn content(policy: &Policy) -> String {
    let hosts: Vec<_> = policy.mx().map(|pattern| pattern.to_string()).collect();
    let hosts = match &*hosts {
        [] => "no hosts".to_owned(),
        hosts => hosts.join(" "),
    };
    let seconds = policy.max_age().as_secs();
    format!(
        "mode {}, {hosts}, kept for {}",
        policy.mode(),
        duration(seconds)
    )
}

/// In the largest unit that leaves nothing over.
fn duration(seconds: u64) -> String {
    match (seconds % 86_400, seconds % 3_600) {
        (0, _) if seconds > 0 => format!("{} d", seconds / 86_400),
        (_, 0) if seconds > 0 => format!("{} h", seconds / 3_600),
        _ => format!("{seconds} s"),
    }
}

fn told(diagnostic: &Diagnostic) -> String {
    let style = match diagnostic.severity() {
        Severity::Error => BAD,
        Severity::Warning => DOUBTFUL,
        Severity::Note => NEUTRAL,
    };
    let severity = diagnostic.severity().as_str();
    let help = diagnostic
        .help()
        .map_or(String::new(), |help| format!("; {help}"));
    format!(
        "{style}{severity}{style:#}: {diagnostic}{help} ({})",
        diagnostic.code()
    )
}

fn unknown_hosts(error: DnsError) -> String {
    format!("not known: {error}")
}

/// What a sender does with the host.
fn fate(found: &Found, host: &Host) -> String {
    match &host.candidate {
        Candidate::Skip(verdict) => {
            let why = verdict
                .failure()
                .map(|failure| failure.reason().to_string());
            format!("{BAD}refused{BAD:#}, {}", why.unwrap_or_default())
        }
        Candidate::Connect(session) if found.is_named(host) != Some(false) => {
            demand(*session).to_owned()
        }
        Candidate::Connect(_) => {
            format!(
                "{DOUBTFUL}not in the policy{DOUBTFUL:#}, which is reported; mail goes there all the same"
            )
        }
    }
}

/// What a sender demands of TLS.
fn demand(session: Session) -> &'static str {
    let requirement = session.requirement();
    match (requirement.starttls(), requirement.verification()) {
        (Starttls::Mandatory, Verification::RequirePkix) => {
            "only over TLS, with a valid certificate for this name"
        }
        (Starttls::Opportunistic, Verification::ObservePkix) => {
            "over TLS if it can be had; what is wrong with it is reported"
        }
        (Starttls::Opportunistic, _) => "over TLS if it can be had",
        // With DANE, which this program does not look at.
        (Starttls::Mandatory, _) => "only over TLS",
    }
}
