//! The table of what is accepted but wrong or unwise.

use super::Severity;
use crate::error::table;

table! {
/// What is accepted but wrong, unwise or worth a word.
///
/// Non-exhaustive: later versions will know more.
pub enum Lint {
    PolicyDuplicateField = "policy-duplicate-field", POLICY, "the field is there already: only the first counts", "remove the line";
    PolicyUnknownField = "policy-unknown-field", POLICY, "an unknown field, ignored by senders", "";
    PolicyMisspelledField = "policy-misspelled-field", POLICY, "an unknown field, ignored by senders, that is nearly a known one", "";
    PolicyModeTesting = "policy-mode-testing", MODES, "in mode `testing` senders report failures and deliver all the same", "go on to `enforce` once the reports are clean";
    PolicyModeNone = "policy-mode-none", REMOVING, "mode `none` asks senders to ignore the policy", "for the removal of a policy only";
    PolicyMaxAgeClamped = "policy-max-age-clamped", POLICY, "`max_age` is over the maximum and read as 31557600", "write 31557600 or less";
    PolicyMaxAgeUnderDay = "policy-max-age-under-day", POLICY, "`max_age` is under a day", "senders that refresh once a day have no policy in between; weeks are usual";
    PolicyMaxAgeUnderTwoWeeks = "policy-max-age-under-two-weeks", POLICY, "`max_age` is under two weeks", "a longer life outlasts an attack on the next fetch; weeks or more are expected";
    PolicyMoreFindings = "policy-more-findings", POLICY, "more findings are not listed", "";

    MxUpperCase = "mx-upper-case", MX_VALIDATION, "capital letters in a name: case does not matter", "small letters are usual";
    MxIpAddress = "mx-ip-address", CERTIFICATE, "an IPv4 address is read as a name and matches no certificate", "write the name that the MX record has";
    MxSingleLabel = "mx-single-label", CERTIFICATE, "a name of one label is no public host", "write the whole name";
    MxWildcardTopLevel = "mx-wildcard-top-level", WEAK_POLICY, "a wildcard over a whole top-level domain", "name the hosts, or a domain of their own";
    MxCovered = "mx-covered", POLICY, "another pattern covers this name", "";
    MxDuplicate = "mx-duplicate", POLICY, "the same pattern is there already", "remove the line";
    MxExampleName = "mx-example-name", POLICY, "a name of an example or a template", "write the names that the MX records have";
    MxUndecodableALabel = "mx-undecodable-a-label", POLICY, "a label begins with `xn--` but is no A-label", "convert the name again from its original form";

    RecordDuplicateField = "record-duplicate-field", POLICY, "the field is there already: only the first counts", "remove it";
    RecordUnknownField = "record-unknown-field", RECORD, "an unknown field, ignored by senders", "";
    RecordMisspelledField = "record-misspelled-field", RECORD, "an unknown field, ignored by senders, that is nearly a known one", "";
    RecordSpaceBeforeDelimiter = "record-space-before-delimiter", RECORD, "white space before the first `;`", "remove it: beside any other TXT record at this name senders discard this one";
    RecordDiscarded = "record-discarded", RECORD, "not beginning with `v=STSv1;` it is discarded beside other records", "";
    RecordForeign = "record-foreign", RECORD, "a TXT record of another kind stands at this name", "it belongs elsewhere; senders discard it";
    RecordMoreFindings = "record-more-findings", RECORD, "more findings are not listed", "";

    TlsRptDuplicateField = "tlsrpt-duplicate-field", TLS_RPT, "the field is there already: only the first counts", "remove it";
    TlsRptUnknownField = "tlsrpt-unknown-field", TLS_RPT, "an unknown field, ignored by senders", "";
    TlsRptMisspelledField = "tlsrpt-misspelled-field", TLS_RPT, "an unknown field, ignored by senders, that is nearly a known one", "";
    TlsRptSpaceBeforeDelimiter = "tlsrpt-space-before-delimiter", TLS_RPT, "white space before the first `;`", "remove it: beside any other TXT record at this name senders discard this one";
    TlsRptDiscarded = "tlsrpt-discarded", TLS_RPT, "not beginning with `v=TLSRPTv1;` it is discarded beside other records", "";
    TlsRptForeign = "tlsrpt-foreign", TLS_RPT, "a TXT record of another kind stands at this name", "it belongs elsewhere; senders discard it";
    TlsRptOtherScheme = "tlsrpt-other-scheme", TLS_RPT, "the scheme of an address is neither `mailto` nor `https`", "senders know no way to report there";
    TlsRptMailbox = "tlsrpt-mailbox", MAILTO, "a `mailto` address without a mailbox", "such as `mailto:reports@example.com`";
    TlsRptHost = "tlsrpt-host", HTTPS_URI, "an `https` address without a host", "such as `https://example.com/reports`";
    TlsRptDuplicateUri = "tlsrpt-duplicate-uri", TLS_RPT, "the same address is there already", "remove it";
    TlsRptSeveralRua = "tlsrpt-several-rua", TLS_RPT, "one more `rua`: its addresses are added to those before", "write all addresses in one `rua`, separated by commas: not every sender reads a second one";
    TlsRptNoDestination = "tlsrpt-no-destination", TLS_RPT, "senders can report to none of the addresses", "add one such as `mailto:reports@example.com`";
    TlsRptMoreFindings = "tlsrpt-more-findings", TLS_RPT, "more findings are not listed", "";
}
}

impl Lint {
    /// How much it matters: a warning or a note.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::PolicyDuplicateField
            | Self::PolicyMisspelledField
            | Self::PolicyMaxAgeClamped
            | Self::PolicyMaxAgeUnderDay
            | Self::PolicyMoreFindings
            | Self::MxIpAddress
            | Self::MxSingleLabel
            | Self::MxWildcardTopLevel
            | Self::MxExampleName
            | Self::MxUndecodableALabel
            | Self::RecordDuplicateField
            | Self::RecordMisspelledField
            | Self::RecordSpaceBeforeDelimiter
            | Self::RecordDiscarded
            | Self::RecordMoreFindings
            | Self::TlsRptDuplicateField
            | Self::TlsRptMisspelledField
            | Self::TlsRptSpaceBeforeDelimiter
            | Self::TlsRptDiscarded
            | Self::TlsRptOtherScheme
            | Self::TlsRptMailbox
            | Self::TlsRptHost
            | Self::TlsRptNoDestination
            | Self::TlsRptMoreFindings => Severity::Warning,
            Self::PolicyUnknownField
            | Self::PolicyModeTesting
            | Self::PolicyModeNone
            | Self::PolicyMaxAgeUnderTwoWeeks
            | Self::MxUpperCase
            | Self::MxCovered
            | Self::MxDuplicate
            | Self::RecordUnknownField
            | Self::RecordForeign
            | Self::TlsRptUnknownField
            | Self::TlsRptForeign
            | Self::TlsRptDuplicateUri
            | Self::TlsRptSeveralRua => Severity::Note,
        }
    }
}
