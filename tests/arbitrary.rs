//! Values of the feature `arbitrary` can be written and read back.

#![cfg(feature = "arbitrary")]

use arbitrary::{Arbitrary, Unstructured};
use mta_sts::{
    Domain, MaxAge, Mode, MxPattern, ParseOptions, Policy, PolicyDomain, PolicyId, StsRecord,
    TlsRptRecord, TxtAnswer,
};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Values made from pseudo-random bytes; how many seeds gave one.
fn values<T: for<'a> Arbitrary<'a>>(check: impl Fn(T)) -> u32 {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut made = 0;
    for _ in 0..500 {
        let mut bytes = [0_u8; 256];
        for byte in &mut bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = state.to_le_bytes()[7];
        }
        if let Ok(value) = T::arbitrary(&mut Unstructured::new(&bytes)) {
            made += 1;
            check(value);
        }
    }
    made
}

#[test]
fn what_is_written_is_read_back() {
    let policies = values(|policy: Policy| {
        assert_eq!(Policy::parse(policy.to_string().as_bytes()), Ok(policy));
    });
    let records = values(|record: StsRecord| {
        assert_eq!(StsRecord::parse(record.to_string().as_bytes()), Ok(record));
    });
    let tls_rpt_records = values(|record: TlsRptRecord| {
        assert_eq!(
            TlsRptRecord::parse(record.to_string().as_bytes()),
            Ok(record)
        );
    });
    let patterns = values(|pattern: MxPattern| {
        assert_eq!(pattern.as_str().parse(), Ok(pattern));
    });
    let domains = values(|domain: Domain| assert_eq!(domain.as_str().parse(), Ok(domain)));
    let ids = values(|id: PolicyId| assert_eq!(id.as_str().parse(), Ok(id)));
    for (made, least) in [
        (policies, 20),
        (records, 100),
        (tls_rpt_records, 100),
        (patterns, 100),
        (domains, 100),
        (ids, 400),
    ] {
        assert!(made >= least, "{made} of at least {least}");
    }
}

#[test]
fn the_others_are_made() {
    assert!(values(|_: PolicyDomain| {}) > 100);
    assert_eq!(
        values(|max_age: MaxAge| assert!(max_age <= MaxAge::MAX)),
        500
    );
    assert_eq!(values(|_: Mode| {}), 500);
    assert_eq!(values(|_: ParseOptions| {}), 500);
    assert!(values(|answer: TxtAnswer| assert_eq!(answer.iter().count(), answer.len())) > 400);
}

/// Values are not all alike, and all parts of them are made.
#[test]
fn values_have_variety() {
    fn distinct<T: for<'a> Arbitrary<'a>>(show: impl Fn(&T) -> String) -> BTreeSet<String> {
        let shown = RefCell::new(BTreeSet::new());
        values(|value: T| {
            shown.borrow_mut().insert(show(&value));
        });
        shown.into_inner()
    }
    let domains = distinct(|domain: &Domain| domain.to_string());
    assert!(domains.len() > 100);
    assert!(domains.iter().any(|name| name.contains('.')));
    assert!(domains.iter().any(|name| !name.contains('.')));
    let names = distinct(|record: &StsRecord| {
        let extensions = record.extensions().iter();
        extensions.map(|it| it.name().to_owned() + " ").collect()
    });
    assert!(names.len() > 50);
    assert!(names.iter().any(|names| names.len() > 4));
    let ids = distinct(|id: &PolicyId| id.to_string());
    assert!(ids.len() > 300);
    let options = distinct(|options: &ParseOptions| format!("{options:?}"));
    assert!(options.len() > 50);
    let answers = distinct(|answer: &TxtAnswer| format!("{answer:?}"));
    assert!(answers.len() > 50);
}
