//! Reading of TXT records.

use crate::race::row;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::mta_sts::MtaSts;
use mailrs_mta_sts as mailrs;
use mta_sts::StsRecord;
use std::hint::black_box;

pub(crate) fn run() {
    for (work, text) in [
        ("record, RFC example", inputs::RECORD),
        ("record with extensions", inputs::RECORD_EXTENDED),
    ] {
        let ours = || StsRecord::parse(black_box(text).as_bytes());
        let mailrs = || mailrs::StsRecord::parse(black_box(text));
        let mail_auth = || MtaSts::parse(black_box(text).as_bytes());
        let record = ours().unwrap();
        assert_eq!(record.id().as_str(), mailrs().unwrap().id);
        assert_eq!(record.id().as_str(), mail_auth().unwrap().id);
        row(work, "mailrs-mta-sts", ours, mailrs);
        row(work, "mail-auth", ours, mail_auth);
    }
}
