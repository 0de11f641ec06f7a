//! TLS reports: read, written, sent, summed up, in gzip.

use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use mta_sts::{
    DeviationKind, MAX_REPORT_LEN, ReadOptions, ReadReport, Report, ReportEncoding,
    ReportErrorKind, Summary, inflate,
};
use serde::de::IgnoredAny;
use std::io::{Read, Write};

/// What is read is JSON, and what is not read is none, has a number beyond those of Rust, or lacks what a report must have. What is told of it can be logged. What can be written is read back as
/// the same without a deviation but its unknown members, and a summary counts it once.
pub fn tlsrpt_report(text: &[u8]) {
    match Report::from_json(text) {
        Ok(read) => {
            assert!(is_json(text), "what is read is JSON");
            told(&read);
            summed(read.report());
            written(read.report());
        }
        Err(error) => {
            assert!(!error.to_string().contains(char::is_control), "{error:?}");
            assert!(error.offset().is_none_or(|offset| offset <= text.len()));
            let is_json = is_json(text);
            match error.kind() {
                ReportErrorKind::Utf8 => assert!(std::str::from_utf8(text).is_err()),
                ReportErrorKind::Syntax => {
                    let is_too_large = error
                        .offset()
                        .is_some_and(|at| number_at(text, at).is_infinite());
                    assert!(!is_json || is_too_large, "{error:?}");
                }
                ReportErrorKind::Nesting | ReportErrorKind::Values | ReportErrorKind::TooLong => {}
                _ => assert!(is_json, "{error:?}"),
            }
        }
    }
}

/// Whether another reader finds it well-formed, without a byte order mark. Values are skipped: JSON has numbers and halves of surrogate pairs
/// for which Rust has no value.
fn is_json(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// The number that stands there; NaN if there is none.
fn number_at(text: &[u8], offset: usize) -> f64 {
    let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let (before, behind) = text.split_at(offset);
    let before = before.iter().rev().take_while(|byte| is_part(byte)).count();
    let behind = behind.iter().take_while(|byte| is_part(byte)).count();
    let number = std::str::from_utf8(&text[offset - before..offset + behind]);
    number
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(f64::NAN)
}

fn told(read: &ReadReport) {
    assert!(read.deviations().len() <= 1_000.min(read.deviation_count()));
    for deviation in read.deviations() {
        assert!(deviation.path().starts_with('$'));
        assert!(
            !deviation.to_string().contains(char::is_control),
            "{deviation:?}"
        );
    }
    assert!(!read.report().policies().is_empty());
}

fn written(report: &Report) {
    let Ok(text) = report.to_json() else { return };
    let again = Report::from_json(text.as_bytes()).expect(&text);
    assert_eq!(again.report(), report);
    let is_unknown = |it: &mta_sts::Deviation| it.kind() == DeviationKind::UnknownMember;
    assert!(
        again.deviations().iter().all(is_unknown),
        "{:?}",
        again.deviations()
    );
    assert_eq!(again.report().to_json().as_ref(), Ok(&text));
    // Whoever mails it puts these into header fields.
    let submission = report.submission(&"example.com".parse().expect("a domain"));
    let submission = submission.expect("what can be written can be sent");
    let file_name = submission.file_name(ReportEncoding::Gzip);
    for text in [&file_name, &submission.subject(), submission.report_id()] {
        assert!(
            text.bytes()
                .all(|byte| byte == b' ' || byte.is_ascii_graphic()),
            "{text:?}"
        );
    }
    assert!(!file_name.contains(['/', '\\', ' ']), "{file_name}");
}

fn summed(report: &Report) {
    let mut summary = Summary::new();
    assert!(summary.add(report) && !summary.add(report));
    assert_eq!((summary.reports(), summary.duplicates()), (1, 1));
    let sessions = (summary.sessions().successful(), summary.sessions().failed());
    assert_eq!(
        sessions,
        (report.successful_sessions(), report.failed_sessions())
    );
    let is_control = |char: char| char.is_control() && char != '\n';
    assert!(!summary.to_string().contains(is_control), "{summary}");
}

/// Gzip inflates to what another reader makes of it, or to nothing where that is over the limits; what is compressed inflates to what it was, in one part or
/// two, whatever stands behind it.
pub fn tlsrpt_gzip(bytes: &[u8]) {
    let options = ReadOptions::new();
    if let Ok(text) = inflate(bytes, &options) {
        assert!(text.len() <= MAX_REPORT_LEN && text.len() <= (bytes.len() * 200).max(64 << 10));
        let mut expected = Vec::new();
        // What stands behind the last part is an error there; all parts have been read by then.
        let _ = MultiGzDecoder::new(bytes).read_to_end(&mut expected);
        assert_eq!(text, expected);
    }
    let (front, back) = bytes.split_at(bytes.len() / 2);
    let parts = [gzip(front), gzip(back)].concat();
    for compressed in [
        gzip(bytes),
        parts.clone(),
        [&parts, b"\0".as_slice()].concat(),
    ] {
        let text = inflate(&compressed, &options);
        assert_eq!(text.as_deref(), Ok(bytes), "{text:?}");
        let read = Report::from_json_or_gzip(&compressed);
        let plain = Report::from_json(bytes);
        assert_eq!(
            read.map(ReadReport::into_report),
            plain.map(ReadReport::into_report)
        );
        let short = options.max_len(bytes.len().max(1) - 1);
        assert!(bytes.is_empty() || inflate(&compressed, &short).is_err());
        // Nothing that is cut short passes for the whole.
        let cut = &compressed[..compressed.len() - 9];
        assert!(
            inflate(cut, &options).is_err()
                || inflate(cut, &options).is_ok_and(|text| text != bytes)
        );
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder
        .write_all(text)
        .and_then(|()| encoder.finish())
        .expect("memory takes everything")
}
