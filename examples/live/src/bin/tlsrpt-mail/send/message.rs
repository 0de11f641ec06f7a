//! A report as a mail (RFC 8460 §5.3), without the signature.

use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::{BodyPart, MimePart};
use mta_sts::{Contact, ReportEncoding, Submission, Summary, UnixTime};
use std::io;

/// The mail with a report to these addresses. `DKIM-Signature` is for the mailer to add, by the domain of the contact; it should cover `TLS-Report-Domain` and
/// `TLS-Report-Submitter`.
pub(super) fn mail(
    submission: &Submission,
    contact: &Contact,
    to: Vec<&str>,
    (encoding, report): (ReportEncoding, &[u8]),
    summary: &Summary,
    now: UnixTime,
) -> io::Result<Vec<u8>> {
    let submitter = submission.submitter().as_str();
    let text = format!(
        "This is an aggregate TLS report from {submitter}, about {}.\r\n\r\n{}",
        submission.domain(),
        summary.to_string().replace('\n', "\r\n")
    );
    let (media_type, report_type) = Submission::CONTENT_TYPE
        .split_once("; report-type=")
        .unwrap_or((Submission::CONTENT_TYPE, ""));
    let parts = vec![
        MimePart::new("text/plain", text),
        MimePart::new(encoding.media_type(), BodyPart::Binary(report.into()))
            .attachment(submission.file_name(encoding)),
    ];
    let content_type =
        ContentType::new(media_type).attribute("report-type", report_type.trim_matches('"'));
    MessageBuilder::new()
        .from(contact.as_str())
        .to(to)
        .date(i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
        .message_id(submission.report_id())
        // Not as encoded words, in which a long subject would be written: its grammar is fixed.
        .header("Subject", Raw::new(submission.subject()))
        .header(
            Submission::TLS_REPORT_DOMAIN,
            Raw::new(submission.domain().as_str()),
        )
        .header(Submission::TLS_REPORT_SUBMITTER, Raw::new(submitter))
        // Reports about broken TLS must arrive all the same: this asks the next hops for it (RFC 8689 §4).
        .header("TLS-Required", Raw::new("No"))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .body(MimePart::new(content_type, parts))
        .write_to_vec()
}
