//! What an audit can find.

use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Section, table};
use crate::span::Span;
use alloc::borrow::{Cow, ToOwned};
use alloc::string::{String, ToString};
use core::fmt;

table! {
/// What an audit finds beyond the texts themselves.
pub enum AuditCode {
    RecordMissing = "audit-record-missing", RECORD, "there is no MTA-STS record: senders see no policy", "publish `v=STSv1; id=…` as TXT at the `_mta-sts` name of the domain, once the policy is served";
    RecordUnanswered = "audit-record-unanswered", RECORD, "the name servers do not answer for the record: senders that have no policy yet see none", "";
    RecordElsewhere = "audit-record-elsewhere", RECORD, "a record is published at another name, where no sender looks", "it belongs at the `_mta-sts` name of the domain";
    RecordDelegated = "audit-record-delegated", DELEGATION, "the record is delegated by a CNAME", "the policy must be served by the same provider, with a certificate for the domain's own `mta-sts` name";
    PolicyHostDns = "audit-policy-host-dns", POLICY, "the policy host has no address", "publish an address or a CNAME at the `mta-sts` name of the domain";
    PolicyConnect = "audit-policy-connect", FETCHING, "the policy host cannot be reached", "it must answer on port 443 within a minute";
    PolicyCertificate = "audit-policy-certificate", FETCHING, "the certificate of the policy host is not valid", "it must be for the `mta-sts` name of the domain, by a public authority, and not expired";
    PolicyTls = "audit-policy-tls", FETCHING, "TLS with the policy host fails", "offer TLS 1.2 or later";
    PolicyRedirect = "audit-policy-redirect", FETCHING, "the policy host redirects, which senders must not follow", "serve the policy at the URL itself, by a reverse proxy if need be";
    PolicyStatus = "audit-policy-status", FETCHING, "the policy host does not answer with status 200", "serve the policy at `/.well-known/mta-sts.txt`";
    PolicyMediaType = "audit-policy-media-type", POLICY, "the policy is not served as `text/plain`", "have the web server send `Content-Type: text/plain`";
    PolicyTooLarge = "audit-policy-too-large", FETCHING, "the policy is longer than 64 KiB", "";
    PolicyTruncated = "audit-policy-truncated", FETCHING, "the policy is cut short", "the Content-Length and the body must agree";
    PolicyInvalid = "audit-policy-invalid", POLICY, "the policy is not valid: senders see none", "correct what is told about the policy";
    PolicyUnavailable = "audit-policy-unavailable", FETCHING, "the policy cannot be fetched", "";
    PolicyWithoutRecord = "audit-policy-without-record", RECORD, "a policy is served, but without a valid record no sender fetches it", "publish the record";
    MxNotCovered = "audit-mx-not-covered", MX_VALIDATION, "no pattern of the policy names this MX host", "add an `mx:` line for it, then change the id in the record";
    MxNotCoveredLeniently = "audit-mx-not-covered-leniently", MX_VALIDATION, "senders that read the policy leniently would refuse this MX host", "correct the policy, so that all senders read the same";
    MxIpAddress = "audit-mx-ip-address", CERTIFICATE, "an MX record gives an IP address in place of a name", "MX records name hosts";
    MxName = "audit-mx-name", MX_VALIDATION, "an MX record gives a name that no certificate can have", "letters, digits and hyphens, in labels separated by dots";
    MxMissing = "audit-mx-missing", MX_VALIDATION, "there are no MX records: the domain itself is the only host", "";
    MxNull = "audit-mx-null", MX_VALIDATION, "a null MX says that the domain takes no mail: the policy protects nothing", "";
    MxUnanswered = "audit-mx-unanswered", MX_VALIDATION, "the name servers do not answer for the MX records", "";
    PatternUnused = "audit-pattern-unused", WEAK_POLICY, "a pattern names none of the MX hosts", "remove it, unless a host of that name is about to come";
    WildcardWide = "audit-wildcard-wide", WEAK_POLICY, "a wildcard allows more hosts than the MX records name", "name the hosts, if they are few and do not change";
    WildcardOwnDomain = "audit-wildcard-own-domain", WEAK_POLICY, "a wildcard allows every host directly under the domain itself", "whoever gets a certificate for any name there can take its mail: name the hosts";
    WildcardPublicSuffix = "audit-wildcard-public-suffix", WEAK_POLICY, "a wildcard stands over a public suffix: anybody can register a name that it allows", "name the hosts, or a domain of their own";
    HostWithoutStarttls = "audit-host-without-starttls", CERTIFICATE, "an MX host does not offer STARTTLS, or refuses it", "enable STARTTLS on it";
    HostTls = "audit-host-tls", TLS_VERSION, "TLS with an MX host fails", "offer TLS 1.2 or later";
    HostCertificate = "audit-host-certificate", CERTIFICATE, "the certificate of an MX host is not valid for its name", "it must be for the name in the MX record, by a public authority, and not expired";
    HostUnreachable = "audit-host-unreachable", CERTIFICATE, "an MX host could not be reached", "";
    TestingForLong = "audit-testing-for-long", MODES, "the policy has been in mode `testing` for a long time, and protects nothing", "go on to `enforce` once the reports are clean";
    Removing = "audit-removing", REMOVING, "MTA-STS is being removed: the record and the policy must stay until all policies served before have expired", "then remove the record, and last the policy";
    RemovingSlowly = "audit-removing-slowly", REMOVING, "`max_age` is long for a policy with mode `none`", "a day will do";
    IdUnchanged = "audit-id-unchanged", POLICY_UPDATES, "the policy has changed, but not the id in the record: senders do not notice", "give the record another id";
    IdChangedAlone = "audit-id-changed-alone", POLICY_UPDATES, "the id in the record has changed, but not the policy: senders may take the old policy for the new one", "serve the new policy first, then change the id";
    TlsRptMissing = "audit-tls-rpt-missing", TLS_RPT, "there is no TLS reporting record: nobody tells the domain of failures", "publish `v=TLSRPTv1; rua=mailto:…` as TXT at the `_smtp._tls` name of the domain";
    TlsRptUnanswered = "audit-tls-rpt-unanswered", TLS_RPT, "the name servers do not answer for the TLS reporting record", "";
    DomainInternational = "audit-domain-international", POLICY, "the domain is internationalized: this is the form for the DNS, certificates and policies", "";
}
}

impl AuditCode {
    /// How much it matters, where the mode of the policy does not say more.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::RecordMissing
            | Self::RecordUnanswered
            | Self::PolicyHostDns
            | Self::PolicyConnect
            | Self::PolicyCertificate
            | Self::PolicyTls
            | Self::PolicyRedirect
            | Self::PolicyStatus
            | Self::PolicyMediaType
            | Self::PolicyTooLarge
            | Self::PolicyTruncated
            | Self::PolicyInvalid
            | Self::PolicyUnavailable
            | Self::MxNotCovered
            | Self::MxIpAddress
            | Self::MxName
            | Self::MxUnanswered
            | Self::WildcardPublicSuffix
            | Self::HostWithoutStarttls
            | Self::HostTls
            | Self::HostCertificate => Severity::Error,
            Self::RecordElsewhere
            | Self::PolicyWithoutRecord
            | Self::MxNotCoveredLeniently
            | Self::PatternUnused
            | Self::WildcardOwnDomain
            | Self::HostUnreachable
            | Self::TestingForLong
            | Self::RemovingSlowly
            | Self::IdUnchanged
            | Self::IdChangedAlone
            | Self::TlsRptMissing
            | Self::TlsRptUnanswered => Severity::Warning,
            Self::RecordDelegated
            | Self::MxMissing
            | Self::MxNull
            | Self::WildcardWide
            | Self::Removing
            | Self::DomainInternational => Severity::Note,
        }
    }
}

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

impl fmt::Display for AuditPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One thing that an audit found.
///
/// `Display` is one line: the message, and behind a colon what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    part: AuditPart,
    code: &'static str,
    severity: Severity,
    section: Section,
    message: Cow<'static, str>,
    help: Option<Cow<'static, str>>,
    subject: Option<String>,
    span: Option<Span>,
}

impl Finding {
    pub(super) fn new(part: AuditPart, code: AuditCode, subject: Option<String>) -> Self {
        Self {
            part,
            code: code.code(),
            severity: code.severity(),
            section: code.section(),
            message: code.message().into(),
            help: code.help().map(Into::into),
            subject,
            span: None,
        }
    }

    /// What was said about a text.
    pub(super) fn from_text(part: AuditPart, diagnostic: &Diagnostic) -> Self {
        Self {
            part,
            code: diagnostic.code(),
            severity: diagnostic.severity(),
            section: diagnostic.section(),
            message: diagnostic.to_string().into(),
            help: diagnostic.help().map(|help| help.to_owned().into()),
            subject: None,
            span: Some(diagnostic.span()),
        }
    }

    pub(super) fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The part of the deployment.
    #[must_use]
    pub const fn part(&self) -> AuditPart {
        self.part
    }

    /// The code, never renamed: `audit-…`, or that of the text.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// How much it matters: errors keep senders from a policy, or mail from a host.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// The section of the RFC that it rests on.
    #[must_use]
    pub const fn section(&self) -> Section {
        self.section
    }

    /// One line: what is the matter.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The remedy.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// What it is about: a host, a pattern, a name, or why something failed.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Where in the text of the [part](Self::part), if it is about one.
    #[must_use]
    pub const fn span(&self) -> Option<Span> {
        self.span
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.subject {
            Some(subject) => write!(f, ": {subject}"),
            None => Ok(()),
        }
    }
}

/// A check that was not made, because a fact was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Unchecked {
    /// The record.
    Record,
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
    /// Whether a wildcard stands over a public suffix.
    PublicSuffix,
}

impl Unchecked {
    /// What was not checked, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "the record",
            Self::Policy => "the policy",
            Self::Mx => "the MX hosts against the policy",
            Self::HostTls => "TLS with the MX hosts",
            Self::TlsRpt => "the TLS reporting record",
            Self::Changes => "changes since an earlier time",
            Self::PublicSuffix => "whether a wildcard stands over a public suffix",
        }
    }
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
