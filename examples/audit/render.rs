//! An audit for people.

use crate::folder::Folder;
use crate::snippet::{self, RENDERER, headline, level};
use crate::{table, worst};
use annotate_snippets::renderer::Style;
use annotate_snippets::{Group, Level, normalize_untrusted_str};
use mta_sts::{Audit, AuditPart, Finding, LineIndex, Severity};

const NAME: Style = Style::new().bold();

/// The findings, a table of the MX hosts, what was not checked, and one line of what it comes to.
pub(crate) fn audit(folder: &Folder, audit: &Audit) -> String {
    let path = normalize_untrusted_str(&folder.path.display().to_string());
    let mut out = format!(
        "{NAME}{}{NAME:#} in {path}, {}\n\n",
        folder.domain, folder.gathered
    );
    for found in audit.findings() {
        out += &finding(folder, found);
        out += "\n\n";
    }
    out += &table::hosts(folder, audit);
    let not_checked: Vec<_> = audit.not_checked().iter().map(|it| it.as_str()).collect();
    if !not_checked.is_empty() {
        let level = Level::INFO.with_name("not checked");
        out += &headline(level, not_checked.join("; "));
        out += "\n";
    }
    out + &verdict(folder, audit) + "\n"
}

fn finding(folder: &Folder, found: &Finding) -> String {
    if let (Some(diagnostic), Some((name, text))) = (found.diagnostic(), text(folder, found.part()))
    {
        let lines = LineIndex::new(text);
        return snippet::finding(&name, text, &lines, diagnostic);
    }
    let section = found.section();
    let section = Level::NOTE.message(format!("{section}, {}", section.url()));
    let group: Group<'_> = level(found.severity())
        .primary_title(found.to_string())
        .id(found.code())
        .elements(found.help().map(|help| Level::HELP.message(help)))
        .element(section);
    RENDERER.render(&[group])
}

/// The text of a part of the deployment, and where it is from.
pub(crate) fn text(folder: &Folder, part: AuditPart) -> Option<(String, &[u8])> {
    let domain = &folder.domain;
    match part {
        AuditPart::Record => {
            let answer = folder.record.as_ref()?.as_ref().ok()?;
            Some((format!("TXT {}", domain.record_name()), answer.as_text()))
        }
        AuditPart::Policy => {
            let response = folder.policy.as_ref()?.as_ref().ok()?;
            Some((domain.policy_url(), response.body()))
        }
        AuditPart::TlsRpt => {
            let answer = folder.tls_rpt.as_ref()?.as_ref().ok()?;
            Some((format!("TXT {}", domain.tls_rpt_name()?), answer.as_text()))
        }
        _ => None,
    }
}

/// One line: how it stands, what senders see, and what was found.
fn verdict(folder: &Folder, audit: &Audit) -> String {
    let level = match worst(audit) {
        Some(Severity::Error) => Level::ERROR.with_name("broken"),
        Some(Severity::Warning) => Level::WARNING.with_name("doubtful"),
        Some(Severity::Note) | None if audit.strict().decision().is_none() => {
            Level::INFO.with_name("undecided")
        }
        Some(Severity::Note) | None => Level::NOTE.with_name("good"),
    };
    let (strict, lenient) = (audit.strict().to_string(), audit.lenient().to_string());
    let senders = match (audit.strict().decision(), strict == lenient) {
        (None, _) => "what senders see was not checked".to_owned(),
        (Some(_), true) => format!("senders see {strict}"),
        (Some(_), false) => {
            format!("senders see {strict}; those that read leniently see {lenient}")
        }
    };
    let counts = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "note"),
    ];
    let counts = counts.map(|(severity, name)| (audit.total(severity), name));
    let counts = counts.into_iter().filter(|(number, _)| *number > 0);
    let counts: Vec<_> = counts
        .map(|(number, name)| format!("{number} {name}{}", if number == 1 { "" } else { "s" }))
        .collect();
    let counts = match &*counts {
        [] => String::new(),
        counts => format!("; {}", counts.join(", ")),
    };
    headline(level, format!("{}: {senders}{counts}", folder.domain))
}
