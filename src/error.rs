//! What is refused: [`Error`], its kinds with their codes, and the section that each rests on.

use crate::span::Span;
use core::fmt;

/// A section of an RFC.
///
/// # Examples
///
/// ```
/// let section = mta_sts::ErrorKind::PolicyModeMissing.section();
/// assert_eq!(section.to_string(), "RFC 8461 §3.2");
/// assert_eq!(section.url(), "https://www.rfc-editor.org/rfc/rfc8461#section-3.2");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Section {
    label: &'static str,
    url: &'static str,
}

impl Section {
    /// Where the section can be read.
    #[must_use]
    pub const fn url(self) -> &'static str {
        self.url
    }

    /// The RFC and the number, as [`Display`](fmt::Display) writes them: `RFC 8461 §3.2`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.label
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label)
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Section({})", self.label)
    }
}

macro_rules! sections {
    ($($(#[$attribute:meta])* $name:ident = $rfc:literal, $number:literal;)*) => {
        $(
            $(#[$attribute])*
            #[doc = concat!("RFC ", $rfc, ", section ", $number, ".")]
            pub(crate) const $name: Section = Section {
                label: concat!("RFC ", $rfc, " §", $number),
                url: concat!("https://www.rfc-editor.org/rfc/rfc", $rfc, "#section-", $number),
            };
        )*
    };
}

sections! {
    DNS_SIZES = "1035", "2.3.4";
    DOMAIN = "5321", "4.1.2";
    URI = "3986", "3";
    URI_SCHEME = "3986", "3.1";
    URI_CHARACTERS = "3986", "2";
    URI_ENCODING = "3986", "2.1";
    HTTPS_URI = "9110", "4.2.2";
    MAILTO = "6068", "2";
    TLS_RPT = "8460", "3";
    RECORD = "8461", "3.1";
    POLICY = "8461", "3.2";
    FETCHING = "8461", "3.3";
    SMART_HOSTS = "8461", "3.4";
    NULL_MX = "7505", "3";
    VALIDATION = "8461", "4";
    MX_VALIDATION = "8461", "4.1";
    CERTIFICATE = "8461", "4.2";
    MODES = "8461", "5";
    FLOW = "8461", "5.1";
    TLS_VERSION = "8461", "7.2";
    POLICY_UPDATES = "8461", "8.1";
    DELEGATION = "8461", "8.2";
    REMOVING = "8461", "8.3";
    WEAK_POLICY = "8461", "10.4";
    TLS_RPT_NEGOTIATION = "8460", "4.3.1";
    TLS_RPT_DANE = "8460", "4.3.2.1";
    TLS_RPT_STS = "8460", "4.3.2.2";
    TLS_RPT_GENERAL = "8460", "4.3.3";
    #[cfg(feature = "tlsrpt")]
    TLS_RPT_FRAME = "8460", "4.1";
    #[cfg(feature = "tlsrpt")]
    TLS_RPT_SCHEMA = "8460", "4.4";
    #[cfg(feature = "tlsrpt")]
    TLS_RPT_SAMPLES = "8460", "4.5";
    #[cfg(feature = "tlsrpt")]
    TLS_RPT_FILENAME = "8460", "5.1";
    #[cfg(feature = "tlsrpt")]
    TLS_RPT_COMPRESSION = "8460", "5.2";
    #[cfg(feature = "tlsrpt")]
    I_JSON_TEXT = "7493", "2.1";
    #[cfg(feature = "tlsrpt")]
    I_JSON_NUMBERS = "7493", "2.2";
    #[cfg(feature = "tlsrpt")]
    I_JSON_NAMES = "7493", "2.3";
}

/// `Display` for types that have `as_str`.
macro_rules! display_as_str {
    ($($type:ty),+) => {$(
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+};
}
pub(crate) use display_as_str;

/// Defines a fieldless enum whose variants carry a code, a section, a message and a help text: one row each.
macro_rules! table {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $($variant:ident = $code:literal, $section:ident, $message:literal, $help:literal;)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $code, "`: ", $message, ".")] $variant,)*
        }

        impl $name {
            /// All of them, in the order of the table in the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code: kebab-case, never renamed.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The section of the RFC that it rests on.
            #[must_use]
            pub const fn section(self) -> $crate::error::Section {
                match self { $(Self::$variant => $crate::error::$section),* }
            }

            /// One line in lower case: what is the matter.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),* }
            }

            /// The usual remedy; `None` where the message says it all.
            #[must_use]
            pub const fn help(self) -> Option<&'static str> {
                let help = match self { $(Self::$variant => $help),* };
                if help.is_empty() { None } else { Some(help) }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.message())
            }
        }
    };
}
pub(crate) use table;

table! {
/// What is the matter with what was refused.
///
/// Non-exhaustive: a later version may tell apart what is one kind today.
///
/// # Examples
///
/// ```
/// use mta_sts::{ErrorKind, Policy};
///
/// let kind = Policy::parse(b"").unwrap_err().kind();
/// assert_eq!((kind.code(), kind.message()), ("policy-empty", "the policy is empty"));
/// assert!(ErrorKind::ALL.contains(&kind));
/// ```
pub enum ErrorKind {
    DomainEmpty = "domain-empty", DOMAIN, "the name is empty", "";
    DomainTooLong = "domain-too-long", DNS_SIZES, "the name is longer than 253 octets", "";
    DomainLabelEmpty = "domain-label-empty", DOMAIN, "the name has an empty label", "";
    DomainLabelTooLong = "domain-label-too-long", DNS_SIZES, "a label of the name is longer than 63 octets", "";
    DomainHyphen = "domain-hyphen", DOMAIN, "a label of the name begins or ends with a hyphen", "";
    DomainCharacter = "domain-character", DOMAIN, "the name holds a character that cannot stand in a host name", "letters, digits and hyphens, in labels separated by dots";
    DomainTrailingDot = "domain-trailing-dot", DOMAIN, "the name ends with a dot", "leave the final dot out";
    DomainAddressLiteral = "domain-address-literal", SMART_HOSTS, "an address literal has no policy", "";
    DomainIpv4 = "domain-ipv4", SMART_HOSTS, "the name looks like an IPv4 address", "";
    DomainULabel = "domain-u-label", POLICY, "the name cannot be converted to A-labels", "write its internationalized labels in their `xn--` form";
    DomainTooLongForPolicy = "domain-too-long-for-policy", RECORD, "the domain is longer than 244 octets, too long for `_mta-sts.` in front of it", "";

    RecordEmpty = "record-empty", RECORD, "the record is empty", "";
    RecordVersion = "record-version", RECORD, "the record does not begin with `v=STSv1`", "";
    RecordVersionCase = "record-version-case", RECORD, "`v=STSv1` is case-sensitive", "write `v=STSv1`";
    RecordVersionNotFirst = "record-version-not-first", RECORD, "`v=STSv1` is not the first field", "put `v=STSv1` in front";
    RecordLeadingSpace = "record-leading-space", RECORD, "white space before `v=STSv1`", "remove it";
    RecordQuotes = "record-quotes", RECORD, "quotes of a zone file are part of the record", "quotes belong to the zone file, not to the published text";
    RecordBackslash = "record-backslash", RECORD, "a backslash of a zone file is part of the record", "backslashes belong to the zone file, not to the published text";
    RecordDelimiter = "record-delimiter", RECORD, "no `;` between two fields", "fields are separated by `;`";
    RecordEmptyField = "record-empty-field", RECORD, "an empty field between two `;`", "leave the second `;` out";
    RecordTrailingSpace = "record-trailing-space", RECORD, "white space at the end without a `;` before it", "remove it";
    RecordFieldWithoutEquals = "record-field-without-equals", RECORD, "a field without `=`", "a field is `name=value`";
    RecordSpaceAroundEquals = "record-space-around-equals", RECORD, "white space around `=`", "remove it";
    RecordFieldName = "record-field-name", RECORD, "a field name is not a letter or digit followed by letters, digits, `_`, `-` or `.`", "";
    RecordFieldNameTooLong = "record-field-name-too-long", RECORD, "a field name is longer than 32 characters", "";
    RecordFieldValueEmpty = "record-field-value-empty", RECORD, "a field has no value", "write the value, or leave the field out";
    RecordFieldValue = "record-field-value", RECORD, "a field value holds a character that cannot stand there", "visible ASCII characters but `=` and `;`";
    RecordNotAscii = "record-not-ascii", RECORD, "the record is not ASCII", "";
    RecordIdMissing = "record-id-missing", RECORD, "the record has no `id`", "add `id=` with 1 to 32 letters or digits, another one for each change of the policy";
    RecordIdEmpty = "record-id-empty", RECORD, "`id` has no value", "1 to 32 letters or digits, another one for each change of the policy";
    RecordIdTooLong = "record-id-too-long", RECORD, "`id` is longer than 32 characters", "1 to 32 letters or digits";
    RecordIdCharacter = "record-id-character", RECORD, "`id` holds a character that is neither a letter nor a digit", "1 to 32 letters or digits: `20261121T0930` rather than `2026-11-21`";
    RecordNone = "record-none", RECORD, "no record of the answer begins with `v=STSv1;`", "a sender sees no policy here";
    RecordSeveral = "record-several", RECORD, "more than one record begins with `v=STSv1;`", "keep one: with several a sender sees no policy";
    RecordExtensionReserved = "record-extension-reserved", RECORD, "`v` and `id` cannot name an extension", "";
    RecordExtensionRepeated = "record-extension-repeated", POLICY, "an extension of that name is there already", "only the first field of a name counts";

    PolicyEmpty = "policy-empty", POLICY, "the policy is empty", "";
    PolicyUtf16 = "policy-utf16", POLICY, "the file is UTF-16", "save it as ASCII or UTF-8 without byte order mark";
    PolicyHtml = "policy-html", POLICY, "the file is HTML or XML, not a policy", "the policy must be plain text, served at the path itself and not by way of a web page";
    PolicyRtf = "policy-rtf", POLICY, "the file is rich text, not a policy", "save it as plain text";
    PolicyTxtRecord = "policy-txt-record", POLICY, "the file holds the TXT record instead of the policy", "the record belongs in the DNS at `_mta-sts`; the file lists version, mode, max_age and mx";
    PolicyFrontMatter = "policy-front-matter", POLICY, "front matter of a site generator stands before the policy", "have the generator publish the file without it";
    PolicyBom = "policy-bom", POLICY, "a byte order mark stands before the policy", "save the file as UTF-8 without byte order mark";
    PolicyBlankLine = "policy-blank-line", POLICY, "a blank line", "remove it: no line may be empty";
    PolicyIndentedLine = "policy-indented-line", POLICY, "white space before a field name", "remove it";
    PolicyCommentLine = "policy-comment-line", POLICY, "a policy has no comments", "remove the line";
    PolicyCommentAfterValue = "policy-comment-after-value", POLICY, "a policy has no comments: this is read as part of the value", "remove it";
    PolicyNotAField = "policy-not-a-field", POLICY, "the line is not a `key: value` pair", "write it as `key: value`, or remove it";
    PolicyEqualsSign = "policy-equals-sign", POLICY, "`=` in place of `:`", "write `:`";
    PolicySpaceBeforeColon = "policy-space-before-colon", POLICY, "white space before `:`", "remove it";
    PolicyFieldName = "policy-field-name", POLICY, "a field name is not a letter or digit followed by letters, digits, `_`, `-` or `.`", "";
    PolicyFieldNameTooLong = "policy-field-name-too-long", POLICY, "a field name is longer than 32 characters", "";
    PolicyValueEmpty = "policy-value-empty", POLICY, "a field has no value", "write the value, or remove the line";
    PolicyInnerTab = "policy-inner-tab", POLICY, "a TAB inside a value", "write a space";
    PolicyBareCr = "policy-bare-cr", POLICY, "a CR without LF does not end a line", "end lines with CRLF or LF";
    PolicyControl = "policy-control", POLICY, "a control character", "remove it";
    PolicyInvalidUtf8 = "policy-invalid-utf8", POLICY, "bytes that are not UTF-8", "save the file as ASCII or UTF-8";
    PolicyVersion = "policy-version", POLICY, "`version` is not `STSv1`", "write `version: STSv1`";
    PolicyMode = "policy-mode", POLICY, "`mode` is not `enforce`, `testing` or `none`", "write one of the three, in lower case";
    PolicyMaxAge = "policy-max-age", POLICY, "`max_age` is not a number of 1 to 10 digits", "seconds in plain digits, at most 31557600";
    PolicyMaxAgeGrouped = "policy-max-age-grouped", POLICY, "the digits of `max_age` are grouped", "write the digits without anything between them";
    PolicyMaxAgeTooLong = "policy-max-age-too-long", POLICY, "`max_age` has more than 10 digits", "seconds, at most 31557600";
    PolicyMaxAgeRange = "policy-max-age-range", POLICY, "`max_age` is over the maximum of 31557600 seconds", "";
    PolicyVersionMissing = "policy-version-missing", POLICY, "the policy has no `version`", "add `version: STSv1`";
    PolicyModeMissing = "policy-mode-missing", POLICY, "the policy has no `mode`", "add `mode: testing`, later `mode: enforce`";
    PolicyMaxAgeMissing = "policy-max-age-missing", POLICY, "the policy has no `max_age`", "add `max_age:` with a number of seconds, such as 1209600 for two weeks";
    PolicyMxMissing = "policy-mx-missing", POLICY, "the policy has no `mx`", "add one `mx:` line for each MX host or for a pattern of them";
    PolicyExtensionValue = "policy-extension-value", POLICY, "an extension value begins or ends with white space or holds a control character", "";
    PolicyExtensionReserved = "policy-extension-reserved", POLICY, "`version`, `mode`, `max_age` and `mx` cannot name an extension", "";
    PolicyExtensionRepeated = "policy-extension-repeated", POLICY, "an extension of that name is there already", "only the first field of a name counts";

    CacheVersion = "cache-version", FLOW, "the entry is of no known version", "";
    CacheField = "cache-field", FLOW, "a line of the entry is not as it was written", "";
    CacheLength = "cache-length", FLOW, "the policy in the entry is not as long as stated", "";

    MxEmpty = "mx-empty", POLICY, "`mx` has no value", "write a host name, or remove the line";
    MxTooLong = "mx-too-long", DNS_SIZES, "the name is longer than 253 octets", "";
    MxLabelEmpty = "mx-label-empty", DOMAIN, "the name has an empty label", "leave the dot out that has nothing before it";
    MxLabelTooLong = "mx-label-too-long", DNS_SIZES, "a label of the name is longer than 63 octets", "";
    MxHyphen = "mx-hyphen", DOMAIN, "a label of the name begins or ends with a hyphen", "";
    MxCharacter = "mx-character", DOMAIN, "the name holds a character that cannot stand in a host name", "a host name such as `mail.example.net`, or one with `*.` in front";
    MxTrailingDot = "mx-trailing-dot", DOMAIN, "the name ends with a dot", "remove the final dot";
    MxUnderscore = "mx-underscore", DOMAIN, "the name holds `_`", "a host name has letters, digits and hyphens; no certificate names this one";
    MxWildcard = "mx-wildcard", MX_VALIDATION, "`*` stands only for the whole left-most label, before a dot and a name", "`*.` and the rest of the name";
    MxAddressLiteral = "mx-address-literal", POLICY, "an IP address in place of a host name", "write the name that the MX record has";
    MxULabel = "mx-u-label", POLICY, "the name is not ASCII", "write its internationalized labels in their `xn--` form";
    MxScheme = "mx-scheme", POLICY, "a URL in place of a host name", "write the host name alone";
    MxPort = "mx-port", POLICY, "a port behind the host name", "write the host name alone";
    MxPriority = "mx-priority", POLICY, "a priority before the host name", "write the host name alone: the priority belongs in the MX record";
    MxSeveral = "mx-several", POLICY, "several names in one `mx` field", "one `mx:` line for each";
    MxPlaceholder = "mx-placeholder", POLICY, "a placeholder in place of a host name", "write the names that the MX records have";

    TlsRptEmpty = "tlsrpt-empty", TLS_RPT, "the record is empty", "";
    TlsRptVersion = "tlsrpt-version", TLS_RPT, "the record does not begin with `v=TLSRPTv1`", "";
    TlsRptVersionCase = "tlsrpt-version-case", TLS_RPT, "`v=TLSRPTv1` is case-sensitive", "write `v=TLSRPTv1`";
    TlsRptVersionNotFirst = "tlsrpt-version-not-first", TLS_RPT, "`v=TLSRPTv1` is not the first field", "put `v=TLSRPTv1` in front";
    TlsRptLeadingSpace = "tlsrpt-leading-space", TLS_RPT, "white space before `v=TLSRPTv1`", "remove it";
    TlsRptQuotes = "tlsrpt-quotes", TLS_RPT, "quotes of a zone file are part of the record", "quotes belong to the zone file, not to the published text";
    TlsRptBackslash = "tlsrpt-backslash", TLS_RPT, "a backslash of a zone file is part of the record", "backslashes belong to the zone file, not to the published text";
    TlsRptDelimiter = "tlsrpt-delimiter", TLS_RPT, "no `;` between two fields", "fields are separated by `;`";
    TlsRptEmptyField = "tlsrpt-empty-field", TLS_RPT, "an empty field between two `;`", "leave the second `;` out";
    TlsRptTrailingSpace = "tlsrpt-trailing-space", TLS_RPT, "white space at the end without a `;` before it", "remove it";
    TlsRptFieldWithoutEquals = "tlsrpt-field-without-equals", TLS_RPT, "a field without `=`", "a field is `name=value`";
    TlsRptSpaceAroundEquals = "tlsrpt-space-around-equals", TLS_RPT, "white space around `=`", "remove it";
    TlsRptFieldName = "tlsrpt-field-name", TLS_RPT, "a field name is not a letter or digit followed by letters, digits, `_`, `-` or `.`", "";
    TlsRptFieldNameTooLong = "tlsrpt-field-name-too-long", TLS_RPT, "a field name is longer than 32 characters", "";
    TlsRptFieldValueEmpty = "tlsrpt-field-value-empty", TLS_RPT, "a field has no value", "write the value, or leave the field out";
    TlsRptFieldValue = "tlsrpt-field-value", TLS_RPT, "a field value holds a character that cannot stand there", "visible ASCII characters but `=` and `;`";
    TlsRptNotAscii = "tlsrpt-not-ascii", TLS_RPT, "the record is not ASCII", "";
    TlsRptRuaMissing = "tlsrpt-rua-missing", TLS_RPT, "the record has no `rua`", "add `rua=` with an address such as `mailto:reports@example.com`";
    TlsRptRuaEmpty = "tlsrpt-rua-empty", TLS_RPT, "`rua` has no address", "write one, such as `mailto:reports@example.com`";
    TlsRptUriEmpty = "tlsrpt-uri-empty", TLS_RPT, "an address is empty", "leave the comma out that has no address beside it";
    TlsRptUriScheme = "tlsrpt-uri-scheme", URI_SCHEME, "an address does not begin with a scheme", "write `mailto:` or `https:` in front; a comma inside an address is written `%2C`";
    TlsRptUriSpace = "tlsrpt-uri-space", URI_CHARACTERS, "white space inside an address", "addresses are separated by commas; a space inside one is written `%20`";
    TlsRptUriUnencoded = "tlsrpt-uri-unencoded", TLS_RPT, "an address holds `!`, `,` or `;`", "write `%21`, `%2C` or `%3B`; a limit such as `!10m` is for DMARC only";
    TlsRptUriCharacter = "tlsrpt-uri-character", URI_CHARACTERS, "an address holds a character that cannot stand in a URI", "write it as `%` and two hexadecimal digits";
    TlsRptUriPercent = "tlsrpt-uri-percent", URI_ENCODING, "a `%` in an address without two hexadecimal digits behind it", "write `%25` for the character `%`";
    TlsRptUriSyntax = "tlsrpt-uri-syntax", URI, "an address is not a URI", "such as `mailto:reports@example.com` or `https://example.com/reports`";
    TlsRptNone = "tlsrpt-none", TLS_RPT, "no record of the answer begins with `v=TLSRPTv1;`", "a sender sends no reports";
    TlsRptSeveral = "tlsrpt-several", TLS_RPT, "more than one record begins with `v=TLSRPTv1;`", "keep one: with several a sender sends no reports";
    TlsRptExtensionReserved = "tlsrpt-extension-reserved", TLS_RPT, "`v` and `rua` cannot name an extension", "";
    TlsRptExtensionRepeated = "tlsrpt-extension-repeated", TLS_RPT, "an extension of that name is there already", "only the first field of a name counts";
}
}

/// Why a text was refused: the first thing wrong with it, and where.
///
/// Small and `Copy`. It holds nothing of the input, so it can be logged as it is.
///
/// `Display` is one line in lower case that ends with the place (` at byte 12`); `{:#}` leaves the place out.
///
/// # Examples
///
/// ```
/// let error = mta_sts::Policy::parse(b"version: STSv1\nmode: on\n").unwrap_err();
/// assert_eq!(error.code(), "policy-mode");
/// assert_eq!(error.span().range(), 21..23);
/// assert_eq!(error.to_string(), "`mode` is not `enforce`, `testing` or `none` at byte 21");
/// assert_eq!(format!("{error:#}"), "`mode` is not `enforce`, `testing` or `none`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub struct Error {
    kind: ErrorKind,
    span: Span,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// The same error in a text in which this many octets stand before the one that was read.
    pub(crate) const fn shifted(self, offset: usize) -> Self {
        Self {
            span: Span::new(
                self.span.start().saturating_add(offset),
                self.span.end().saturating_add(offset),
            ),
            ..self
        }
    }

    /// What is the matter.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where: the whole offending value; empty and at the end for something missing.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The stable code of the kind, such as `policy-mode`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The section of the RFC that says so.
    #[must_use]
    pub const fn section(&self) -> Section {
        self.kind.section()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())?;
        if f.alternate() {
            return Ok(());
        }
        write!(f, " at byte {}", self.span.start())
    }
}
