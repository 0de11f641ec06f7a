//! TXT records, and answers of several.

use crate::laws;
use mta_sts::{Error, ReportUri, SelectError, StsRecord, TlsRptRecord, TxtAnswer};
use std::fmt::Debug;

/// A record that is read is selected when it stands alone, can be written and read back, and does not change by what is appended: of
/// repeated fields the first counts.
pub fn record(text: &[u8]) {
    STS.selects(&[text], &StsRecord::select([text]));
    let Ok(record) = StsRecord::parse(text) else {
        return;
    };
    assert_eq!(record.to_string().parse().as_ref(), Ok(&record));
    let repeated = appended(text, "id=0; v=STSv2");
    assert_eq!(StsRecord::parse(&repeated).as_ref(), Ok(&record));
    let longer = StsRecord::parse(&appended(text, "zz-last=x"));
    let expected = record.clone().with_extension("zz-last", "x");
    assert_eq!(longer, Ok(expected.unwrap_or(record)));
}

/// An inspection says what reading says, and its findings, places and corrections are right.
pub fn record_inspect(text: &[u8]) {
    laws::record(text);
}

/// The same of records of TLS reporting, whose lists of addresses are joined.
pub fn tlsrpt_record(text: &[u8]) {
    laws::tls_rpt_record(text);
    TLS_RPT.selects(&[text], &TlsRptRecord::select([text]));
    let Ok(record) = TlsRptRecord::parse(text) else {
        return;
    };
    let uri: ReportUri = "https://example.com/more".parse().expect("a URI");
    let longer = appended(text, &format!("rua={uri}; v=TLSRPTv2"));
    let longer = TlsRptRecord::parse(&longer).expect("one more address");
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
    STS.selects(&records, &StsRecord::select(&answer));
    TLS_RPT.selects(&records, &TlsRptRecord::select(&answer));
}

/// A kind of records.
struct Kind<R> {
    version: &'static str,
    parse: fn(&[u8]) -> Result<R, Error>,
    several: fn(usize, usize) -> SelectError,
}

const STS: Kind<StsRecord> = Kind {
    version: "v=STSv1",
    parse: StsRecord::parse,
    several: |first, second| SelectError::Several { first, second },
};

const TLS_RPT: Kind<TlsRptRecord> = Kind {
    version: "v=TLSRPTv1",
    parse: TlsRptRecord::parse,
    several: |first, second| SelectError::SeveralTlsRpt { first, second },
};

impl<R: PartialEq + Debug> Kind<R> {
    /// Alone, a record counts that begins with the version; beside others it takes a `;` right behind it.
    fn selects(&self, records: &[&[u8]], selected: &Result<Option<R>, SelectError>) {
        let counts = |record: &[u8]| match record.strip_prefix(self.version.as_bytes()) {
            Some([b';', ..]) => true,
            Some(_) => records.len() == 1,
            None => false,
        };
        let mut candidates = records.iter().enumerate().filter(|(_, it)| counts(it));
        let expected = match (candidates.next(), candidates.next()) {
            (None, _) => Ok(None),
            (Some((record, text)), None) => {
                let read = (self.parse)(text).map(Some);
                read.map_err(|error| SelectError::Invalid { record, error })
            }
            (Some((first, _)), Some((second, _))) => Err((self.several)(first, second)),
        };
        assert_eq!(selected, &expected);
    }
}

/// The text of a record with more fields behind it.
fn appended(text: &[u8], fields: &str) -> Vec<u8> {
    let is_closed = text.trim_ascii_end().ends_with(b";");
    let delimiter: &[u8] = if is_closed { b"" } else { b";" };
    [text, delimiter, fields.as_bytes()].concat()
}
