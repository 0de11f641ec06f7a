//! Reports in gzip.

#![cfg(feature = "gzip")]

use crate::{BASE, read};
use allocation_counter::measure;
use mta_sts::{MAX_REPORT_LEN, ReadOptions, Report, inflate};
use std::fs;

fn gzip() -> Vec<u8> {
    read(BASE).to_gzip().unwrap()
}

/// So many zeros, and little of it left.
fn zeros(len: usize) -> Vec<u8> {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![0; 1 << 16];
    for _ in 0..len >> 16 {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn what_is_written_is_read() {
    let report = read(BASE);
    let bytes = report.to_gzip().unwrap();
    assert_eq!(bytes, report.to_gzip().unwrap());
    assert!(bytes.len() < report.to_json().unwrap().len());
    for read in [Report::from_gzip(&bytes), Report::from_json_or_gzip(&bytes)] {
        let read = read.unwrap();
        assert_eq!((read.report(), read.deviations()), (&report, &[][..]));
    }
    let plain = Report::from_json_or_gzip(BASE.as_bytes()).unwrap();
    assert_eq!(plain.report(), &report);
    let text = inflate(&bytes, &ReadOptions::new()).unwrap();
    assert_eq!(text, report.to_json().unwrap().into_bytes());
}

#[track_caller]
fn refused(bytes: &[u8], code: &str, offset: usize) {
    let error = Report::from_gzip(bytes).unwrap_err();
    assert_eq!((error.code(), error.offset()), (code, Some(offset)));
}

#[test]
fn concatenated_parts_are_one_text() {
    let report = read(BASE);
    let text = report.to_json().unwrap();
    let (front, back) = text.as_bytes().split_at(100);
    let parts = [front, b"", back, b"\n"].map(|part| {
        use flate2::{Compression, write::GzEncoder};
        use std::io::Write;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(part).unwrap();
        encoder.finish().unwrap()
    });
    let whole = parts.concat();
    assert_eq!(Report::from_gzip(&whole).unwrap().report(), &report);
    let broken = [&parts[0][..], b"\x1f\x8bxx and so on"].concat();
    refused(&broken, "tlsrpt-gzip-syntax", parts[0].len());
    let many = parts[1].repeat(101);
    refused(&many, "tlsrpt-gzip-members", 100 * parts[1].len());
}

#[test]
fn what_stands_behind_is_a_deviation() {
    for rest in [&b"\0"[..], b"\0\0\0\0", b"\r\n", b"garbage", b"\x1f"] {
        let read = Report::from_gzip(&[&gzip()[..], rest].concat()).unwrap();
        let [deviation] = read.deviations() else {
            panic!("one deviation")
        };
        assert_eq!(
            (deviation.code(), deviation.path()),
            ("tlsrpt-gzip-trailing", "$")
        );
    }
}

#[test]
fn broken_files_are_errors() {
    let whole = gzip();
    for len in 2..whole.len() {
        let error = Report::from_gzip(&whole[..len]).unwrap_err();
        assert_eq!(error.code(), "tlsrpt-gzip-truncated", "{len}");
        assert_eq!(error.offset(), Some(len));
    }
    refused(b"", "tlsrpt-gzip-truncated", 0);
    refused(BASE.as_bytes(), "tlsrpt-gzip-syntax", 0);
    refused(b"\x1f", "tlsrpt-gzip-truncated", 1);
    refused(b"PK", "tlsrpt-gzip-syntax", 0);
    refused(b"\x1f\x8b\x07 no deflate", "tlsrpt-gzip-syntax", 0);
    refused(b"PK\x03\x04 and so on, a ZIP file", "tlsrpt-gzip-syntax", 0);
    // No change of a byte goes unnoticed but in the header, where time and system stand.
    for at in 10..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        assert!(Report::from_gzip(&bytes).is_err(), "{at}");
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, b"{}").unwrap();
    let error = Report::from_gzip(&encoder.finish().unwrap()).unwrap_err();
    assert_eq!(error.code(), "tlsrpt-report-no-policies");
}

#[test]
fn bombs_are_errors_and_no_memory() {
    for (len, code) in [
        (64 << 10, "tlsrpt-json-syntax"),
        (128 << 10, "tlsrpt-gzip-ratio"),
        (5 << 20, "tlsrpt-gzip-ratio"),
        (512 << 20, "tlsrpt-json-too-long"),
    ] {
        let bomb = zeros(len);
        let info = measure(|| {
            assert_eq!(Report::from_gzip(&bomb).unwrap_err().code(), code, "{len}");
        });
        assert!(info.bytes_max < 40 << 20, "{}", info.bytes_max);
    }
    let options = ReadOptions::new().max_ratio(2_000).max_len(5 << 20);
    assert_eq!(inflate(&zeros(5 << 20), &options).unwrap().len(), 5 << 20);
    let error = inflate(&zeros((5 << 20) + (64 << 10)), &options).unwrap_err();
    assert_eq!(error.code(), "tlsrpt-json-too-long");
    let error = inflate(&vec![0x1f; MAX_REPORT_LEN + 1], &ReadOptions::new()).unwrap_err();
    assert_eq!(error.code(), "tlsrpt-json-too-long");
}

#[test]
fn the_compressed_length_is_limited_too() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, b"{}").unwrap();
    let zipped = encoder.finish().unwrap();
    let read = |len| inflate(&zipped, &ReadOptions::new().max_len(len));
    assert_eq!(read(zipped.len()).unwrap(), b"{}");
    let error = read(zipped.len() - 1).unwrap_err();
    assert_eq!(error.code(), "tlsrpt-json-too-long");
    assert_eq!(error.offset(), Some(zipped.len() - 1));
}

/// Plain base64 without white space.
fn base64(text: &str) -> Option<Vec<u8>> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for digit in text.bytes().filter(|byte| *byte != b'=') {
        let value = DIGITS.iter().position(|it| *it == digit)?;
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff).try_into().unwrap());
        }
    }
    Some(bytes)
}

/// The mails of the corpus carry the reports that lie beside them. One is a mail of a cron job and carries none.
#[test]
fn mails_carry_reports() {
    for file in crate::corpus::files("eml") {
        let name = file.display().to_string();
        let mail = fs::read_to_string(&file).unwrap().replace('\r', "");
        let attached = mail.split("Content-Type: application/tlsrpt").nth(1);
        let Some(attached) = attached else {
            assert!(
                name.ends_with("empty.eml") && mail.contains("Subject: Cron"),
                "{name}"
            );
            continue;
        };
        let (head, body) = attached.split_once("\n\n").unwrap();
        let body = body.split("\n--").next().unwrap();
        let bytes = if head.contains("base64") {
            base64(&body.replace('\n', "")).unwrap()
        } else {
            body.as_bytes().to_vec()
        };
        let beside = fs::read(format!("{name}__part1.json")).unwrap();
        let read = Report::from_json_or_gzip(&bytes).unwrap_or_else(|it| panic!("{name}: {it}"));
        assert_eq!(read, Report::from_json(&beside).unwrap(), "{name}");
    }
}
