//! The verdicts of OpenSSL: `tests/tables/openssl.txt`.

use crate::format::Table;
use mta_sts::{Failure, Reason, TlsFailure};

#[test]
fn every_number_has_its_failure() {
    let table = Table::new(include_str!("../tables/openssl.txt"), "numbers");
    for (number, row) in table.rows().iter().enumerate() {
        let result: i32 = row.given(0).parse().unwrap();
        assert_eq!(
            usize::try_from(result),
            Ok(number),
            "each once, in their order"
        );
        let failure = TlsFailure::from_x509_verify_result(result);
        let said = failure.map_or("-".to_owned(), |failure| format!("{failure:?}"));
        assert_eq!(said, row.at("failure"), "{}", row.name());
    }
}

#[test]
fn a_number_that_is_not_known_is_no_success() {
    let table = Table::new(include_str!("../tables/openssl.txt"), "numbers");
    let first = i32::try_from(table.rows().len()).unwrap();
    for result in (first..2_000).chain(-2_000..0).chain([i32::MIN, i32::MAX]) {
        let failure = TlsFailure::from_x509_verify_result(result);
        assert_eq!(failure, Some(TlsFailure::CertificateInvalid), "{result}");
    }
}

/// What a verdict of OpenSSL becomes in a report is never a thing of the handshake.
#[test]
fn verdicts_are_reported_as_certificates() {
    for failure in (1..100).filter_map(TlsFailure::from_x509_verify_result) {
        let told = Failure::from(Reason::Tls(failure));
        let result_type = told.result_type().code();
        let is_certificate = result_type.starts_with("certificate-");
        assert!(is_certificate || result_type == "tlsa-invalid", "{told}");
    }
}
