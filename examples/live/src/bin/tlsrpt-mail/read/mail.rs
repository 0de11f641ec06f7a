//! The parts of a mail, and the reports among them.
//!
//! Strangers write these mails, and no mail may cost much more than its length. So what a parser of MIME must search for is counted before it sees a mail; content is
//! decoded here and not by the parser, which would copy a mail once for each mail inside an encoded one; and a report is handed on before the next is read.

use super::trouble::Trouble;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{
    GetHeader, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};
use mta_sts::{ReadReport, Report};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The longest mail that is read: two reports of the greatest length in base64, and more than a mail server takes as a rule.
pub(super) const MAX_MAIL: usize = 32 << 20;
/// How many boundaries a mail may have, and mails inside. Each boundary may be searched for to the end of the mail.
const MAX_NESTED: usize = 200;
/// How many lines may look like a boundary.
const MAX_PARTS: usize = 10_000;
/// How many parts of a mail without a report are named.
const MAX_OTHERS: usize = 6;
/// How many mails that are encoded may lie one inside the other.
const MAX_ENCODED: usize = 3;
/// What a gzip file begins with.
const GZIP: &[u8] = b"\x1f\x8b";

/// A report or what should be one, with the number of its part: `2` is the second, `2.1` the first inside it.
pub(super) type Found = (String, Result<ReadReport, Trouble>);

/// What a mail is, whose parts are handed on as they are found.
#[derive(Debug, Default)]
pub(super) struct Mail {
    has_reports: bool,
    /// The first parts that are no reports, and how many more there are.
    others: Vec<String>,
    more: usize,
    /// Whether it is a report, and not a mail at all.
    pub(super) is_bare: bool,
    /// Whether there is a signature of DKIM; nobody checks it here.
    pub(super) is_signed: bool,
}

/// Takes the reports out of a mail, or out of what is one by itself.
pub(super) fn read(raw: &[u8], found: &mut dyn FnMut(Found)) -> Result<Mail, Trouble> {
    if raw.len() > MAX_MAIL {
        return Err(Trouble::TooLong);
    }
    let mut mail = Mail::default();
    if looks_like_a_report(raw) {
        let report = Report::from_json_or_gzip(raw).map_err(Trouble::Report);
        mail.is_bare = true;
        found((String::new(), report));
        return Ok(mail);
    }
    let parser = MessageParser::new()
        .with_mime_headers()
        .ignore_header(HeaderName::ContentTransferEncoding);
    // The parser asserts what it cannot prove, in builds with assertions: no mail may end the run.
    let taken = AssertUnwindSafe(|| mail.take_apart(&parser, raw, ("", 0), found));
    catch_unwind(taken).unwrap_or(Err(Trouble::Parser))?;
    if !mail.has_reports {
        return Err(Trouble::NoReport(mail.others, mail.more));
    }
    Ok(mail)
}

impl Mail {
    fn take_apart(
        &mut self,
        parser: &MessageParser,
        raw: &[u8],
        (number, encoded): (&str, usize),
        found: &mut dyn FnMut(Found),
    ) -> Result<(), Trouble> {
        let is_nested = [&b"boundary"[..], b"message/"]
            .iter()
            .any(|word| count(raw, word) > MAX_NESTED);
        if is_nested || count(raw, b"\n--") > MAX_PARTS {
            return Err(Trouble::TooManyParts);
        }
        let message = parser.parse(raw);
        let message = message.filter(|message| has_fields(message, raw));
        let message = message.ok_or(Trouble::NotAMail)?;
        let headers = &message.parts[0].headers;
        if number.is_empty() {
            let signature = headers.header(HeaderName::DkimSignature);
            self.is_signed = signature.is_some();
        }
        let mut messages = vec![(message, number.to_owned())];
        while let Some((message, number)) = messages.pop() {
            let numbers = numbers(&message, &number);
            let is_report = is_tls_report(&message);
            for (part, number) in message.parts.into_iter().zip(numbers) {
                if let PartType::Multipart(_) = part.body {
                    continue;
                }
                let encoding = encoding(raw, &part);
                let content = decode(body(raw, &part), &encoding);
                let is_mail = media_type(&part).starts_with("message/");
                if let (true, Some(Cow::Owned(inner))) = (is_mail, &content) {
                    // A mail that is encoded as a whole, against RFC 2046 §5.2.1. If it is none, it is a part like any other.
                    let inside = (&*number, encoded + 1);
                    let may_be = encoded < MAX_ENCODED;
                    if may_be && self.take_apart(parser, inner, inside, found).is_ok() {
                        continue;
                    }
                }
                let declared = is_declared(&part, is_report);
                if let Some(report) = self.part(&part, (&encoding, content), declared) {
                    found((number.clone(), report));
                }
                if let PartType::Message(inner) = part.body {
                    messages.push((inner, number));
                }
            }
        }
        Ok(())
    }

    /// Reads a part if it is a report by what is said of it, or begins like one.
    fn part(
        &mut self,
        part: &MessagePart<'_>,
        (encoding, content): (&str, Option<Cow<'_, [u8]>>),
        is_declared: bool,
    ) -> Option<Result<ReadReport, Trouble>> {
        let report = match content {
            None => Err(Trouble::Encoding(encoding.to_owned())),
            Some(content) if is_declared || looks_like_a_report(&content) => {
                Report::from_json_or_gzip(&content).map_err(Trouble::Report)
            }
            Some(_) => return self.other(part, None),
        };
        match report {
            // Other things are JSON or compressed, too; but nothing else is a bomb.
            Err(trouble) if !is_declared && !trouble.is_bomb() => self.other(part, Some(&trouble)),
            report => {
                self.has_reports = true;
                Some(report)
            }
        }
    }

    /// Notes a part that is no report.
    fn other(
        &mut self,
        part: &MessagePart<'_>,
        trouble: Option<&Trouble>,
    ) -> Option<Result<ReadReport, Trouble>> {
        if self.others.len() >= MAX_OTHERS {
            self.more += 1;
            return None;
        }
        let name = part.attachment_name().map(|name| format!(" {name:?}"));
        let trouble = trouble.map(|trouble| format!(" ({trouble:#})"));
        let about = name.into_iter().chain(trouble);
        let other = [media_type(part)].into_iter().chain(about);
        self.others.push(other.collect());
        None
    }
}

/// Whether there is a header field. The parser takes any text that has no line end for the name of one.
fn has_fields(message: &Message<'_>, raw: &[u8]) -> bool {
    let mut fields = message.parts.iter().take(1).flat_map(|part| &part.headers);
    fields.any(|field| {
        let start = usize::try_from(field.offset_start).unwrap_or(usize::MAX);
        raw.get(..start).is_some_and(|name| name.ends_with(b":"))
    })
}

/// How often the word stands there, in whichever case.
fn count(raw: &[u8], word: &[u8]) -> usize {
    let candidates = raw.windows(word.len());
    candidates
        .filter(|candidate| candidate.eq_ignore_ascii_case(word))
        .count()
}

/// The number of each part, as IMAP counts them (RFC 9051 §6.4.5).
fn numbers(message: &Message<'_>, number: &str) -> Vec<String> {
    let inside = |number: &str, index: usize| match number {
        "" => index.to_string(),
        _ => format!("{number}.{index}"),
    };
    // A mail of one part has that as its first.
    let mut numbers = vec![inside(number, 1); message.parts.len()];
    for (id, part) in message.parts.iter().enumerate() {
        let PartType::Multipart(parts) = &part.body else {
            continue;
        };
        let own = match id {
            0 => number.to_owned(),
            _ => numbers[id].clone(),
        };
        for (inner, index) in parts.iter().zip(1..) {
            let inner = usize::try_from(*inner).ok();
            if let Some(number) = inner.and_then(|inner| numbers.get_mut(inner)) {
                *number = inside(&own, index);
            }
        }
    }
    numbers
}

/// Whether a mail says of itself that it brings a report (RFC 8460 §5.3).
fn is_tls_report(message: &Message<'_>) -> bool {
    let Some(part) = message.parts.first() else {
        return false;
    };
    let report_type = part
        .content_type()
        .and_then(|it| it.attribute("report-type"));
    report_type.is_some_and(|it| it.eq_ignore_ascii_case("tlsrpt"))
        || part.headers.header(HeaderName::TlsReportDomain).is_some()
}

/// Whether a part is a report by its media type, by what its mail says of itself, or by the name of the file.
fn is_declared(part: &MessagePart<'_>, is_report: bool) -> bool {
    let media_type = media_type(part);
    media_type.starts_with("application/tlsrpt")
        || (is_report && media_type.starts_with("application/"))
        || part.attachment_name().is_some_and(is_file_name)
}

/// In lower case; without the field it is a text.
fn media_type(part: &MessagePart<'_>) -> String {
    let Some(media_type) = part.content_type() else {
        return "text/plain".to_owned();
    };
    let subtype = media_type.subtype().unwrap_or_default();
    format!("{}/{subtype}", media_type.ctype()).to_ascii_lowercase()
}

/// As it stands in the mail.
fn body<'a>(raw: &'a [u8], part: &MessagePart<'_>) -> &'a [u8] {
    let place = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let body = raw.get(place(part.offset_body)..place(part.offset_end));
    body.unwrap_or_default()
}

/// The name of the transfer encoding, in lower case.
fn encoding(raw: &[u8], part: &MessagePart<'_>) -> String {
    let header = part.headers.header(HeaderName::ContentTransferEncoding);
    let value = header.and_then(|header| {
        let start = usize::try_from(header.offset_start).ok()?;
        raw.get(start..usize::try_from(header.offset_end).ok()?)
    });
    let value = String::from_utf8_lossy(value.unwrap_or_default());
    value.trim().to_ascii_lowercase()
}

/// `None` if it is broken or not known.
fn decode<'a>(body: &'a [u8], encoding: &str) -> Option<Cow<'a, [u8]>> {
    match encoding {
        "base64" => base64_decode(body).map(Cow::Owned),
        "quoted-printable" => quoted_printable_decode(body).map(Cow::Owned),
        "" | "7bit" | "8bit" | "binary" => Some(Cow::Borrowed(body)),
        _ => None,
    }
}

/// Whether it begins as reports do, compressed or not.
fn looks_like_a_report(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    bytes.starts_with(GZIP) || text.trim_ascii_start().starts_with(b"{")
}

/// Whether a file is named as RFC 8460 §5.1 wants.
fn is_file_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name
        .strip_suffix(".json")
        .or_else(|| name.strip_suffix(".json.gz"));
    name.is_some_and(|name| name.split('!').count() >= 4)
}
