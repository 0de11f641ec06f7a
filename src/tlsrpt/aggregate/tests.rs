use super::*;

/// The hashes were computed by another program. Parts that different versions wrote agree about what they keep only as long as these stay.
#[test]
fn hashes_of_keys_are_the_same_in_every_version() {
    let detail = DetailKey {
        result_type: ResultType::CertificateExpired,
        reason: "tls-certificate-expired".into(),
        mx_host: None,
        mx_helo: None,
        sending_ip: None,
        receiving_ip: None,
    };
    assert_eq!(KeyHash::of(&detail), 0x8ea9_cce8_826a_1818);
    let detail = DetailKey {
        mx_host: Some("mx.example.com".into()),
        mx_helo: Some("greets.example.net".into()),
        sending_ip: Some("192.0.2.1".parse().unwrap()),
        receiving_ip: Some("2001:db8::1".parse().unwrap()),
        ..detail
    };
    assert_eq!(KeyHash::of(&detail), 0x2295_1ec9_e65f_a6ff);
    let policy = PolicyKey {
        policy_type: PolicyType::NoPolicyFound,
        policy_string: Vec::new(),
        policy_domain: "example.com".parse().unwrap(),
        mx_host: Vec::new(),
    };
    assert_eq!(KeyHash::of(&policy), 0x4526_ca0b_0cbd_0df0);
    let lines = [
        "version: STSv1",
        "mode: testing",
        "mx: mx.example.com",
        "max_age: 86400",
    ];
    let policy = PolicyKey {
        policy_type: PolicyType::Sts,
        policy_string: lines.map(Into::into).into(),
        mx_host: ["mx.example.com".into()].into(),
        ..policy
    };
    assert_eq!(KeyHash::of(&policy), 0x4db9_672c_637d_cc54);
}
