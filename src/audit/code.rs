//! The table of what an audit can find beyond the texts.

use crate::diagnostic::Severity;
use crate::error::table;

table! {
/// What an audit finds beyond the texts themselves.
pub enum AuditCode {
    RecordMissing = "audit-record-missing", RECORD, "there is no MTA-STS record: senders see no policy", "publish `v=STSv1; id=…` as TXT at the `_mta-sts` name of the domain, once the policy is served";
    RecordUnanswered = "audit-record-unanswered", RECORD, "the name servers do not answer for the record: senders that have no policy yet see none", "see whether all of them answer for TXT at the `_mta-sts` name, and with valid signatures if the zone is signed";
    RecordElsewhere = "audit-record-elsewhere", RECORD, "a record is published at another name, where no sender looks", "it belongs at the `_mta-sts` name of the domain";
    RecordDelegated = "audit-record-delegated", DELEGATION, "the record is delegated by a CNAME", "the policy must come from the same provider, at the domain's own `mta-sts` name and with a certificate for that";
    PolicyHostDns = "audit-policy-host-dns", POLICY, "the policy host has no address", "publish an address or a CNAME at the `mta-sts` name of the domain";
    PolicyHostUnanswered = "audit-policy-host-unanswered", FETCHING, "the name servers do not answer for the address of the policy host", "see whether all of them answer for the `mta-sts` name of the domain, and with valid signatures if the zone is signed";
    PolicyHostAddress = "audit-policy-host-address", FETCHING, "the policy host has an address that senders do not connect to", "publish addresses of the public Internet, and no private ones";
    PolicyConnect = "audit-policy-connect", FETCHING, "the policy host cannot be reached", "it must answer on port 443, over IPv6 too if it has such an address";
    PolicyTimeout = "audit-policy-timeout", FETCHING, "the policy host takes longer than a minute", "senders give up sooner or later: a file from the disk takes no time";
    PolicyCertificate = "audit-policy-certificate", FETCHING, "the certificate of the policy host is not valid", "it must be for the `mta-sts` name of the domain, by a public authority, and not expired";
    PolicyTls = "audit-policy-tls", FETCHING, "TLS with the policy host fails", "see whether a browser can open the URL of the policy";
    PolicyRedirect = "audit-policy-redirect", FETCHING, "the policy host redirects, which senders must not follow", "serve the policy at the URL itself, by a reverse proxy if need be";
    PolicyStatus = "audit-policy-status", FETCHING, "the policy host does not answer with status 200", "serve the policy at `/.well-known/mta-sts.txt` of the `mta-sts` name of the domain";
    PolicyMediaType = "audit-policy-media-type", POLICY, "the policy is not served as `text/plain`: many senders take it for no policy", "have the web server send `Content-Type: text/plain`";
    PolicyTooLarge = "audit-policy-too-large", FETCHING, "what is served is longer than 64 KiB, which many senders do not read", "a policy has a few hundred bytes: is it the right file?";
    PolicyTruncated = "audit-policy-truncated", FETCHING, "the policy is cut short", "the Content-Length and the body must agree";
    PolicyInvalid = "audit-policy-invalid", POLICY, "the policy is not valid: senders that keep to the RFC see none", "correct the errors in its text";
    PolicyUnavailable = "audit-policy-unavailable", FETCHING, "the policy cannot be fetched", "see whether a browser can open the URL of the policy";
    PolicyWithoutRecord = "audit-policy-without-record", RECORD, "a policy is served, but without a valid record no sender fetches it", "publish exactly one valid record";
    PolicyStillCached = "audit-policy-still-cached", FETCHING, "there is no policy to be had now, but senders may still apply the earlier one", "bring the policy back; to be rid of it, serve one with mode `none` until all earlier ones have expired";
    MxNotCovered = "audit-mx-not-covered", MX_VALIDATION, "no pattern of the policy names this MX host", "add an `mx:` line for it, then change the id in the record";
    MxNotCoveredEarlier = "audit-mx-not-covered-earlier", POLICY_UPDATES, "the earlier policy, which senders may still apply, does not name this MX host", "keep an MX host that it names in service until they have the new one";
    MxRefusedLeniently = "audit-mx-refused-leniently", MODES, "senders that read the policy leniently refuse this MX host, while others see no policy", "correct the policy, so that all senders read the same";
    MxIpAddress = "audit-mx-ip-address", CERTIFICATE, "an MX record gives an IP address in place of a name", "give the host a name with that address, and write the name";
    MxName = "audit-mx-name", MX_VALIDATION, "an MX record gives a name that no certificate can have", "letters, digits and hyphens, in labels separated by dots";
    MxMissing = "audit-mx-missing", MX_VALIDATION, "there are no MX records: the domain itself is the only host", "";
    MxNull = "audit-mx-null", NULL_MX, "a null MX says that the domain takes no mail: there is nothing for a policy to protect", "";
    MxNullBesideOthers = "audit-mx-null-beside-others", NULL_MX, "a null MX stands beside other MX records", "remove it, or the others if the domain takes no mail";
    MxUnanswered = "audit-mx-unanswered", MX_VALIDATION, "the name servers do not answer for the MX records", "see whether all of them answer for MX, and with valid signatures if the zone is signed";
    PatternUnused = "audit-pattern-unused", WEAK_POLICY, "a pattern names none of the MX hosts", "remove it, unless a host of that name is about to come";
    WildcardWide = "audit-wildcard-wide", WEAK_POLICY, "a wildcard allows more hosts than the MX records name", "name the hosts, if they are few and do not change";
    WildcardOwnDomain = "audit-wildcard-own-domain", WEAK_POLICY, "a wildcard allows every host directly under the domain itself", "whoever gets a certificate for any name there can take its mail: name the hosts";
    WildcardPublicSuffix = "audit-wildcard-public-suffix", WEAK_POLICY, "a wildcard stands over a public suffix: anybody can register a name that it allows", "name the hosts, or a domain of their own";
    HostWithoutStarttls = "audit-host-without-starttls", VALIDATION, "an MX host does not offer STARTTLS, or refuses it", "enable STARTTLS on it";
    HostTlsVersion = "audit-host-tls-version", TLS_VERSION, "an MX host offers no TLS from version 1.2 on", "enable TLS 1.2 and 1.3 on it";
    HostTls = "audit-host-tls", VALIDATION, "TLS with an MX host fails", "its log may say why";
    HostCertificate = "audit-host-certificate", CERTIFICATE, "the certificate of an MX host is not valid", "it must be for the name in the MX record, by a public authority, and not expired";
    HostUnreachable = "audit-host-unreachable", VALIDATION, "an MX host could not be reached", "it must answer on port 25; many networks let nobody out to that port, so try from another one too";
    TestingForLong = "audit-testing-for-long", MODES, "the policy has been in mode `testing` for a long time, and protects nothing", "go on to `enforce` once the reports are clean";
    Removing = "audit-removing", REMOVING, "MTA-STS is being removed: the record and the policy must stay until all policies served before have expired", "keep both, with a new id for this policy; then remove the record, and last the policy";
    RemovalDue = "audit-removal-due", REMOVING, "MTA-STS is being removed, and all policies served before have expired: the record and the policy can go", "remove the record, and when its TTL has passed the policy";
    RemovingSlowly = "audit-removing-slowly", REMOVING, "`max_age` is long for a policy with mode `none`", "a day will do";
    IdUnchanged = "audit-id-unchanged", POLICY_UPDATES, "the policy has changed, but not the id in the record: senders do not notice", "give the record another id";
    IdChangedAlone = "audit-id-changed-alone", POLICY_UPDATES, "the id in the record has changed, but not the policy: senders may take the old policy for the new one", "serve the new policy first, then change the id; once more if that has happened already";
    TlsRptMissing = "audit-tls-rpt-missing", TLS_RPT, "there is no TLS reporting record: nobody tells the domain of failures", "publish `v=TLSRPTv1; rua=mailto:…` as TXT at the `_smtp._tls` name of the domain";
    TlsRptUnanswered = "audit-tls-rpt-unanswered", TLS_RPT, "the name servers do not answer for the TLS reporting record", "see whether all of them answer for TXT at the `_smtp._tls` name, and with valid signatures if the zone is signed";
    DomainMissing = "audit-domain-missing", MX_VALIDATION, "the domain does not exist in the DNS", "is it spelt right?";
    DomainInternational = "audit-domain-international", POLICY, "the domain is internationalized: this is the form for the DNS, certificates and policies", "";
}
}

impl AuditCode {
    /// How much it matters. Some depend on more: an MX host that the policy does not name is an error only in mode `enforce`.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::RecordMissing
            | Self::RecordUnanswered
            | Self::PolicyHostDns
            | Self::PolicyHostUnanswered
            | Self::PolicyHostAddress
            | Self::PolicyConnect
            | Self::PolicyTimeout
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
            | Self::HostTlsVersion
            | Self::HostTls
            | Self::HostCertificate
            | Self::DomainMissing => Severity::Error,
            Self::RecordElsewhere
            | Self::PolicyWithoutRecord
            | Self::PolicyStillCached
            | Self::MxRefusedLeniently
            | Self::MxNullBesideOthers
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
            | Self::MxNotCoveredEarlier
            | Self::MxMissing
            | Self::MxNull
            | Self::WildcardWide
            | Self::Removing
            | Self::RemovalDue
            | Self::DomainInternational => Severity::Note,
        }
    }
}
