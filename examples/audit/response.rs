//! `policy.response`: what came of the request for the policy.

use mta_sts::{DnsError, FetchError, PolicyBody, PolicyResponse, TlsFailure};

/// Reads a response as `curl -i` writes it (status line, header, empty line, body), or else the code of why there is none.
pub(crate) fn parse(file: &[u8]) -> Result<Result<PolicyResponse, FetchError>, String> {
    if !file.starts_with(b"HTTP/") {
        let code = String::from_utf8_lossy(file);
        let code = code.trim();
        let error = FAILURES.iter().copied().chain(tls_failures());
        let mut error = error.filter(|error| error.code() == code);
        return match error.next() {
            Some(error) => Ok(Err(error)),
            None => Err(format!(
                "neither a response nor the code of a failure: {code:.60?}"
            )),
        };
    }
    let mut rest = file;
    loop {
        let (head, body) = split(rest);
        let head = String::from_utf8_lossy(head);
        let status = head.split([' ', '\r', '\n']).nth(1);
        let status: Option<u16> = status.and_then(|status| status.parse().ok());
        match status {
            // `100 Continue`, `103 Early Hints`: another response follows.
            Some(100..200) => rest = body,
            Some(status) => return Ok(response(status, &head, body)),
            None => return Err("the first line has no status".to_owned()),
        }
    }
}

fn response(status: u16, head: &str, body: &[u8]) -> Result<PolicyResponse, FetchError> {
    let content_type = field(head, "content-type");
    if status != 200 {
        return Ok(PolicyResponse::new(status, content_type, body));
    }
    let length = field(head, "content-length").and_then(|length| length.parse().ok());
    let mut whole = PolicyBody::new(length)?;
    whole.push(body)?;
    Ok(PolicyResponse::new(status, content_type, whole.finish()?))
}

/// Head and body, with the empty line between them in neither.
fn split(file: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    for line in file.split_inclusive(|&byte| byte == b'\n') {
        let end = start + line.len();
        if matches!(line, b"\n" | b"\r\n") {
            return (&file[..start], &file[end..]);
        }
        start = end;
    }
    (file, b"")
}

/// The value of the first field of this name.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let field = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
    field.map(|(_, value)| value.trim())
}

const FAILURES: &[FetchError] = &[
    FetchError::Dns(DnsError::NoSuchDomain),
    FetchError::Dns(DnsError::NoData),
    FetchError::Dns(DnsError::ServerFailure),
    FetchError::Dns(DnsError::Bogus),
    FetchError::Dns(DnsError::Timeout),
    FetchError::Dns(DnsError::Other),
    FetchError::Connect,
    FetchError::Timeout,
    FetchError::Truncated,
    FetchError::TooLarge,
    FetchError::Refused,
    FetchError::Other,
];

fn tls_failures() -> impl Iterator<Item = FetchError> {
    TlsFailure::ALL.iter().copied().map(FetchError::Tls)
}
