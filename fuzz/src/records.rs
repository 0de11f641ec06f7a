//! TXT records, and answers of several.

use crate::laws;
use mta_sts::{Error, ReportUri, SelectError, StsRecord, TlsRptRecord, TxtAnswer};
use std::fmt::{Debug, Display};

/// A record that is read is selected when it stands alone, can be written and read back, and does not change by what is appended: of
/// repeated fields the first counts.
pub fn record(text: &[u8]) {
    let read = StsRecord::parse(text);
    selected(
        &[text],
        b"v=STSv1",
        StsRecord::parse,
        StsRecord::select([text]),
    );
    let Ok(record) = read else { return };
    written(&record, StsRecord::parse);
    assert_eq!(with(text, "id=0; v=STSv2"), Ok(record.clone()));
    let extended = with(text, "zz-last=x").expect("one more field");
    assert_eq!(extended.id(), record.id());
    let added = record.clone().with_extension("zz-last", "x");
    assert_eq!(added.unwrap_or(record), extended);
}

/// An inspection says what reading says, and its findings, places and corrections are right.
pub fn record_inspect(text: &[u8]) {
    laws::record(text);
}

/// The same of records of TLS reporting, whose lists of addresses are joined.
pub fn tlsrpt_record(text: &[u8]) {
    laws::tls_rpt_record(text);
    let read = TlsRptRecord::parse(text);
    selected(
        &[text],
        b"v=TLSRPTv1",
        TlsRptRecord::parse,
        TlsRptRecord::select([text]),
    );
    let Ok(record) = read else { return };
    written(&record, TlsRptRecord::parse);
    let uri: ReportUri = "https://example.com/more".parse().expect("a URI");
    let field = format!("rua={uri}; v=TLSRPTv2");
    let longer = TlsRptRecord::parse(&appended(text, &field)).expect("one more address");
    assert_eq!(longer.rua(), [record.rua(), &[uri]].concat());
    assert_eq!(longer.extensions(), record.extensions());
}

/// Of the records in an answer, one a line, the one counts that RFC 8461 §3.1 and RFC 8460 §3 name, however it is cut into strings.
pub fn select(text: &[u8]) {
    let records: Vec<_> = text.split(|&byte| byte == b'\n').collect();
    let mut answer = TxtAnswer::new();
    for record in &records {
        let (front, back) = record.split_at(record.len() / 2);
        answer.push_record([front, back]);
    }
    laws::answer(&answer);
    selected(
        &records,
        b"v=STSv1",
        StsRecord::parse,
        StsRecord::select(&answer),
    );
    selected(
        &records,
        b"v=TLSRPTv1",
        TlsRptRecord::parse,
        TlsRptRecord::select(&answer),
    );
}

/// Alone, a record counts that begins with the version; beside others it takes a `;` right behind it.
fn selected<R: PartialEq + Debug>(
    records: &[&[u8]],
    version: &[u8],
    parse: fn(&[u8]) -> Result<R, Error>,
    selected: Result<Option<R>, SelectError>,
) {
    let counts = |(_, record): &(usize, &&[u8])| match record.strip_prefix(version) {
        Some([b';', ..]) => true,
        Some(_) => records.len() == 1,
        None => false,
    };
    let mut candidates = records.iter().enumerate().filter(counts);
    match (candidates.next(), candidates.next()) {
        (None, _) => assert_eq!(selected, Ok(None)),
        (Some((place, text)), None) => {
            let expected = parse(text).map(Some);
            let expected = expected.map_err(|error| SelectError::Invalid {
                record: place,
                error,
            });
            assert_eq!(selected, expected);
        }
        (Some((one, _)), Some((other, _))) => {
            let places = match selected {
                Err(SelectError::Several { first, second }) if version == b"v=STSv1" => {
                    (first, second)
                }
                Err(SelectError::SeveralTlsRpt { first, second }) if version == b"v=TLSRPTv1" => {
                    (first, second)
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(places, (one, other));
        }
    }
}

fn written<R: PartialEq + Debug + Display>(record: &R, parse: fn(&[u8]) -> Result<R, Error>) {
    let text = record.to_string();
    assert_eq!(parse(text.as_bytes()).as_ref(), Ok(record));
}

/// The text of a record with more fields behind it.
fn appended(text: &[u8], fields: &str) -> Vec<u8> {
    let closed = text.trim_ascii_end().ends_with(b";");
    [text, if closed { b"" } else { b";" }, fields.as_bytes()].concat()
}

fn with(text: &[u8], fields: &str) -> Result<StsRecord, Error> {
    StsRecord::parse(&appended(text, fields))
}
