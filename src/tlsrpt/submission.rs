//! How a report is sent: names, header fields, media types, delays.

use super::contact::Contact;
use super::contact::is_atext;
use super::fault::{WriteError, WriteErrorKind};
use super::path::Path;
use super::report::Report;
use crate::domain::Domain;
use crate::hash::Fnv1a;
use crate::time::UnixTime;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt::Write;
use core::time::Duration;

/// Whether a report travels compressed, as it should (RFC 8460 [§5.2](https://www.rfc-editor.org/rfc/rfc8460#section-5.2)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 8460 has these two")]
pub enum ReportEncoding {
    /// gzip.
    #[default]
    Gzip,
    /// As it is.
    Json,
}

impl ReportEncoding {
    /// The media type, in a mail and in an HTTPS request.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Gzip => "application/tlsrpt+gzip",
            Self::Json => "application/tlsrpt+json",
        }
    }

    /// What the file name ends with, without the dot before it.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "json.gz",
            Self::Json => "json",
        }
    }
}

/// What a mailer must know to send a report (RFC 8460 [§5](https://www.rfc-editor.org/rfc/rfc8460#section-5)), as values: the mail is built elsewhere.
///
/// The mail is `multipart/report; report-type="tlsrpt"`: a text for people, then the report with its
/// [media type](ReportEncoding::media_type) and [file name](Self::file_name). It has the header fields [`TLS_REPORT_DOMAIN`](Self::TLS_REPORT_DOMAIN) and
/// [`TLS_REPORT_SUBMITTER`](Self::TLS_REPORT_SUBMITTER), and is delivered whatever MTA-STS and DANE say
/// ([`MessageClass::TlsReport`](crate::MessageClass::TlsReport)). The submitter signs it with DKIM, both header fields included and without `l=`; the key
/// should be declared for it, `s=tlsrpt` ([§3](https://www.rfc-editor.org/rfc/rfc8460#section-3)). Over HTTPS the report is the body of a POST, any 2xx is
/// success, and the certificate need not be valid.
///
/// None of the values holds a line end or another control character.
///
/// # Examples
///
/// ```
/// use mta_sts::{DateRange, PolicyType, Report, ReportEncoding, ReportPolicy, UtcDay};
///
/// let domain = "example.net".parse().unwrap();
/// let day = DateRange::day(UtcDay::from_number(20_778));
/// let contact = "tls@mail.sender.example".parse()?;
/// let report = Report::builder("Sender", &contact, "735ff.e317", day)
///     .policy(ReportPolicy::new(PolicyType::NoPolicyFound, &domain, 1, 0))
///     .build()?;
/// let submission = report.submission(&domain)?;
/// assert_eq!(
///     submission.file_name(ReportEncoding::Gzip),
///     "mail.sender.example!example.net!1795219200!1795305599.json.gz"
/// );
/// assert_eq!(
///     submission.subject(),
///     "Report Domain: example.net Submitter: mail.sender.example Report-ID: <735ff.e317@mail.sender.example>"
/// );
/// # Ok::<(), mta_sts::WriteError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Submission {
    domain: Domain,
    submitter: Domain,
    report_id: String,
    start: UnixTime,
    end: UnixTime,
    unique_id: Option<Box<str>>,
}

impl Report {
    /// How to send it to the domain that it is about: the one whose TLS reporting record asks for it.
    ///
    /// # Errors
    ///
    /// Names the member: `tlsrpt-write-missing`, `tlsrpt-write-contact`.
    pub fn submission(&self, domain: &Domain) -> Result<Submission, WriteError> {
        let root = Path::ROOT;
        let missing = |path| WriteError::new(WriteErrorKind::Missing, path);
        let at_contact = root.member("contact-info");
        let contact = self.contact_info().ok_or_else(|| missing(at_contact))?;
        let submitter = Contact::submitter_in(contact)
            .ok_or_else(|| WriteError::new(WriteErrorKind::Contact, at_contact))?;
        let id = self.report_id();
        let id = id.ok_or_else(|| missing(root.member("report-id")))?;
        let (range, at_range) = (self.date_range(), root.member("date-range"));
        let start = range.start();
        let end = range.end();
        Ok(Submission {
            domain: domain.clone(),
            report_id: message_id(id, &submitter),
            submitter,
            start: start.ok_or_else(|| missing(at_range.member("start-datetime")))?,
            end: end.ok_or_else(|| missing(at_range.member("end-datetime")))?,
            unique_id: None,
        })
    }
}

impl Submission {
    /// The name of the header field with [`domain`](Self::domain).
    pub const TLS_REPORT_DOMAIN: &'static str = "TLS-Report-Domain";
    /// The name of the header field with [`submitter`](Self::submitter).
    pub const TLS_REPORT_SUBMITTER: &'static str = "TLS-Report-Submitter";
    /// The `Content-Type` of the mail, without its boundary.
    pub const CONTENT_TYPE: &'static str = "multipart/report; report-type=\"tlsrpt\"";
    /// The longest delay after the end of a day: 14,400 s.
    pub const MAX_DELAY: Duration = Duration::from_secs(14_400);
    /// For how long after the first attempt another one is made, each after a longer pause: 24 h (RFC 8460
    /// [§5.5](https://www.rfc-editor.org/rfc/rfc8460#section-5.5)).
    pub const RETRY_LIMIT: Duration = Duration::from_secs(86_400);

    /// With a unique id in the file name, where several machines send reports to one domain.
    ///
    /// # Errors
    ///
    /// `tlsrpt-write-unique-id` if it is not made of letters and digits.
    pub fn with_unique_id(self, id: &str) -> Result<Self, WriteError> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let path = Path::ROOT.member("unique-id");
            return Err(WriteError::new(WriteErrorKind::UniqueId, path));
        }
        Ok(Self {
            unique_id: Some(id.into()),
            ..self
        })
    }

    /// The domain that the report is about.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The domain of the contact in the report.
    #[must_use]
    pub const fn submitter(&self) -> &Domain {
        &self.submitter
    }

    /// The id of the report as a message id, without `<` and `>`. If it is none by itself, the submitter stands behind it, and in place of each byte
    /// that cannot stand there `=` and two hexadecimal digits.
    #[must_use]
    pub fn report_id(&self) -> &str {
        &self.report_id
    }

    /// The file name ([§5.1](https://www.rfc-editor.org/rfc/rfc8460#section-5.1)); its stamps are the two ends of the report.
    #[must_use]
    pub fn file_name(&self, encoding: ReportEncoding) -> String {
        let (submitter, domain) = (&self.submitter, &self.domain);
        let (start, end) = (self.start.as_secs(), self.end.as_secs());
        let mut name = format!("{submitter}!{domain}!{start}!{end}");
        if let Some(id) = &self.unique_id {
            name.push('!');
            name.push_str(id);
        }
        name.push('.');
        name.push_str(encoding.extension());
        name
    }

    /// The subject ([§5.3](https://www.rfc-editor.org/rfc/rfc8460#section-5.3)), unfolded: it may be folded at its spaces.
    #[must_use]
    pub fn subject(&self) -> String {
        let Self {
            domain,
            submitter,
            report_id,
            ..
        } = self;
        format!("Report Domain: {domain} Submitter: {submitter} Report-ID: <{report_id}>")
    }

    /// How long to wait after the end of the day, so that not all senders report at once: 1 to 14,400 seconds
    /// ([§4.1](https://www.rfc-editor.org/rfc/rfc8460#section-4.1)). The same for the same seed, domain and day; a seed of the sender's own keeps senders apart.
    #[must_use]
    pub fn delay(&self, seed: u64) -> Duration {
        let mut hash = Fnv1a::new();
        hash.write(&seed.to_be_bytes());
        hash.write(&self.start.as_secs().to_be_bytes());
        hash.write(self.domain.as_str().as_bytes());
        let longest = Self::MAX_DELAY.as_secs();
        let spread = hash.finish().checked_rem(longest).unwrap_or_default();
        Duration::from_secs(spread.saturating_add(1))
    }
}

/// `id-left "@" id-right` of RFC 5322 §3.6.4, both a `dot-atom-text`.
fn message_id(id: &str, submitter: &Domain) -> String {
    let is_dot_atom = |text: &str| {
        let mut atoms = text.split('.');
        atoms.all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
    };
    let parts = id.split_once('@');
    if parts.is_some_and(|(left, right)| is_dot_atom(left) && is_dot_atom(right)) {
        return id.into();
    }
    let mut left = String::new();
    for (at, byte) in id.bytes().enumerate() {
        let is_inner = at > 0 && at.saturating_add(1) < id.len();
        let is_dot = byte == b'.' && is_inner && !left.ends_with('.');
        if is_dot || (is_atext(byte) && byte != b'=') {
            left.push(char::from(byte));
        } else {
            let _ = write!(left, "={byte:02X}");
        }
    }
    format!("{left}@{submitter}")
}
