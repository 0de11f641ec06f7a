//! What is asked of the Policy Host.

use mta_sts::{PolicyDomain, PolicyRequest};

#[test]
fn a_request_names_the_policy_host() {
    let domain: PolicyDomain = "Example.com.".parse().unwrap();
    let request = PolicyRequest::new(domain.clone());
    assert_eq!(request.domain(), &domain);
    assert_eq!(request.policy_host(), "mta-sts.example.com");
    assert_eq!(
        request.url(),
        "https://mta-sts.example.com/.well-known/mta-sts.txt"
    );
}
