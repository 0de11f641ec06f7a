//! What an audit found, and what it did not look for.

use super::code::AuditCode;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Section, display_as_str};
use crate::span::Span;
use alloc::string::{String, ToString};
use core::fmt;

/// Which part of a deployment a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AuditPart {
    /// The name.
    Domain,
    /// The TXT record at `_mta-sts`; spans lie in [`TxtAnswer::as_text`](crate::TxtAnswer::as_text).
    Record,
    /// The Policy Host and the policy; spans lie in its body.
    Policy,
    /// The MX records and the hosts.
    Mx,
    /// The TXT record at `_smtp._tls`; spans lie in [`TxtAnswer::as_text`](crate::TxtAnswer::as_text).
    TlsRpt,
}

impl AuditPart {
    /// `domain`, `record`, `policy`, `mx` or `tls-rpt`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Record => "record",
            Self::Policy => "policy",
            Self::Mx => "mx",
            Self::TlsRpt => "tls-rpt",
        }
    }
}

display_as_str!(AuditPart);

/// One thing that an audit found.
///
/// `Display` is one line: the message, behind a colon what it is about, and in parentheses why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    part: AuditPart,
    severity: Severity,
    what: What,
    /// The remedy, where more is known than the code alone says.
    help: Option<&'static str>,
    subject: Option<String>,
    reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// Found by holding the parts of a deployment against each other.
    Audit(AuditCode),
    /// Found in a text.
    Text(Diagnostic),
}

impl Finding {
    pub(super) const fn new(part: AuditPart, code: AuditCode) -> Self {
        Self {
            part,
            severity: code.severity(),
            what: What::Audit(code),
            help: None,
            subject: None,
            reason: None,
        }
    }

    /// What was said about a text.
    pub(super) fn from_text(part: AuditPart, diagnostic: &Diagnostic) -> Self {
        Self {
            part,
            severity: diagnostic.severity(),
            what: What::Text(diagnostic.clone()),
            help: None,
            subject: None,
            reason: None,
        }
    }

    pub(super) fn about(mut self, subject: &(impl ToString + ?Sized)) -> Self {
        self.subject = Some(printable(&subject.to_string()));
        self
    }

    pub(super) fn because(mut self, reason: &(impl ToString + ?Sized)) -> Self {
        self.reason = Some(printable(&reason.to_string()));
        self
    }

    pub(super) fn with_help(mut self, help: Option<&'static str>) -> Self {
        self.help = help;
        self
    }

    pub(super) fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The part of the deployment.
    #[must_use]
    pub const fn part(&self) -> AuditPart {
        self.part
    }

    /// The code, never renamed: that of an [`AuditCode`], or of the [`diagnostic`](Self::diagnostic).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match &self.what {
            What::Audit(code) => code.code(),
            What::Text(diagnostic) => diagnostic.code(),
        }
    }

    /// How much it matters: errors keep senders from a policy, reports from the domain, or mail from a host.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// The section of the RFC that it rests on.
    #[must_use]
    pub const fn section(&self) -> Section {
        match &self.what {
            What::Audit(code) => code.section(),
            What::Text(diagnostic) => diagnostic.section(),
        }
    }

    /// One line: what is the matter.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match &self.what {
            What::Audit(code) => code.message(),
            What::Text(diagnostic) => diagnostic.message(),
        }
    }

    /// The remedy.
    #[must_use]
    pub const fn help(&self) -> Option<&'static str> {
        match (&self.help, &self.what) {
            (Some(help), _) => Some(help),
            (None, What::Audit(code)) => code.help(),
            (None, What::Text(diagnostic)) => diagnostic.help(),
        }
    }

    /// What it is about: a host, a pattern or another name. Control characters are escaped.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Why, or until when: what the facts say in addition to the message. Control characters are escaped.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// What was said about the text of the [part](Self::part), if the finding is from one: with its place, and with a correction if the right text is certain.
    #[must_use]
    pub const fn diagnostic(&self) -> Option<&Diagnostic> {
        match &self.what {
            What::Audit(_) => None,
            What::Text(diagnostic) => Some(diagnostic),
        }
    }

    /// Where in the text of the [part](Self::part), if it is from one.
    #[must_use]
    pub const fn span(&self) -> Option<Span> {
        match &self.what {
            What::Audit(_) => None,
            What::Text(diagnostic) => Some(diagnostic.span()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Audit(code) => f.write_str(code.message())?,
            What::Text(diagnostic) => diagnostic.fmt(f)?,
        }
        if let Some(subject) = &self.subject {
            write!(f, ": {subject}")?;
        }
        if let Some(reason) = &self.reason {
            write!(f, " ({reason})")?;
        }
        Ok(())
    }
}

/// What strangers wrote, fit for one line of a log.
pub(super) fn printable(text: &str) -> String {
    let mut printable = String::new();
    for char in text.chars() {
        if char.is_control() {
            printable.extend(char.escape_default());
        } else {
            printable.push(char);
        }
    }
    printable
}

/// A check that was not made, because a fact was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Unchecked {
    /// The record.
    Record,
    /// Whether a record that is missing stands at another name.
    RecordElsewhere,
    /// The policy.
    Policy,
    /// The MX hosts against the policy.
    Mx,
    /// TLS with at least one MX host.
    HostTls,
    /// The TLS reporting record.
    TlsRpt,
    /// Changes since an earlier time.
    Changes,
    /// Whether the policies served before a removal have expired.
    History,
    /// Whether a wildcard stands over a public suffix.
    PublicSuffix,
}

impl Unchecked {
    /// What was not checked, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "the record",
            Self::RecordElsewhere => "whether the record was put at another name",
            Self::Policy => "the policy",
            Self::Mx => "the MX hosts against the policy",
            Self::HostTls => "TLS with all MX hosts",
            Self::TlsRpt => "the TLS reporting record",
            Self::Changes => "changes since an earlier time",
            Self::History => "whether all policies served before have expired",
            Self::PublicSuffix => "whether a wildcard stands over a public suffix",
        }
    }
}

display_as_str!(Unchecked);
