//! The judgement of HTTPS responses (RFC 8461 §3.3).

use mta_sts::{
    FetchError, MAX_POLICY_LEN, MediaType, ParseOptions, Policy, PolicyBody, PolicyRequest,
    PolicyResponse, Reason,
};
use std::str;

/// A response as it is captured: the status, header fields, an empty line, the body.
#[derive(Default)]
struct Captured<'a> {
    status: u16,
    content_type: Option<&'a str>,
    content_length: Option<u64>,
    /// Where it came from in the end.
    url: Option<&'a str>,
    body: Vec<u8>,
}

/// There is a policy exactly if the response is a 200 from the URL that was asked, as `text/plain` where that matters, whole, of at most 64 KiB,
/// and its body is one. Anything else is refused for the first of these reasons.
pub fn fetch(text: &[u8]) {
    let captured = Captured::read(text);
    body(&captured);
    let request = PolicyRequest::new("example.com".parse().expect("a domain"));
    let response = PolicyResponse::new(
        captured.status,
        captured.content_type,
        captured.body.clone(),
    );
    let response = match captured.url {
        Some(url) => response.with_url(url),
        None => response,
    };
    for options in [ParseOptions::strict(), ParseOptions::lenient()] {
        for media_type in [MediaType::TextPlain, MediaType::Any] {
            let judged = response.policy(&request, media_type, &options);
            assert_eq!(judged, captured.judgement(media_type, options));
        }
    }
}

/// However it is cut, a body is what was pushed, or too long, or too short.
fn body(captured: &Captured<'_>) {
    let bytes = &captured.body;
    let announced = captured.content_length;
    let is_too_large = |len: u64| len > MAX_POLICY_LEN as u64;
    let expected = if announced.is_some_and(is_too_large) || bytes.len() > MAX_POLICY_LEN {
        Err(FetchError::TooLarge)
    } else if announced.is_some_and(|len| len != bytes.len() as u64) {
        Err(FetchError::Truncated)
    } else {
        Ok(bytes.clone())
    };
    for size in [1, 1_000, MAX_POLICY_LEN + 1] {
        let read = PolicyBody::new(announced).and_then(|mut body| {
            bytes.chunks(size).try_for_each(|chunk| body.push(chunk))?;
            body.finish()
        });
        assert_eq!(read, expected);
    }
}

impl<'a> Captured<'a> {
    /// What is not understood is left out. `repeat` makes long bodies of short ones.
    fn read(text: &'a [u8]) -> Self {
        let end = text.windows(2).position(|window| window == b"\n\n");
        let (head, body) = end.map_or((text, &b""[..]), |end| (&text[..end], &text[end + 2..]));
        let mut captured = Self::default();
        let mut times = 1;
        for (number, line) in str::from_utf8(head).unwrap_or_default().lines().enumerate() {
            match line.split_once(": ") {
                _ if number == 0 => captured.status = line.parse().unwrap_or_default(),
                Some(("content-type", value)) => captured.content_type = Some(value),
                Some(("content-length", value)) => captured.content_length = value.parse().ok(),
                Some(("url", value)) => captured.url = Some(value),
                Some(("repeat", value)) => times = value.parse().unwrap_or(times),
                _ => {}
            }
        }
        let times = times.min(MAX_POLICY_LEN / body.len().max(1) + 1);
        captured.body = body.repeat(times);
        captured
    }

    fn judgement(&self, wanted: MediaType, reading: ParseOptions) -> Result<Policy, Reason> {
        let asked = "https://mta-sts.example.com/.well-known/mta-sts.txt";
        let is_elsewhere = self.url.is_some_and(|url| url != asked);
        if is_elsewhere || self.status / 100 == 3 {
            return Err(Reason::Redirect);
        }
        if self.status != 200 {
            return Err(Reason::Status(self.status));
        }
        let value = self.content_type.unwrap_or_default();
        let name = value.split(';').next().unwrap_or_default();
        let name = name.trim_matches([' ', '\t']).to_ascii_lowercase();
        if wanted == MediaType::TextPlain && name != "text/plain" {
            return Err(Reason::MediaType);
        }
        if self.body.len() > MAX_POLICY_LEN {
            return Err(Reason::Fetch(FetchError::TooLarge));
        }
        Policy::parse_with(&self.body, &reading).map_err(Reason::PolicyInvalid)
    }
}
