//! What is answered to a request.

use crate::policies::{Found, Policies};
use hyper::body::Bytes;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode};
use mta_sts::PolicyDomain;
use std::sync::Arc;
use tokio::task::spawn_blocking;

type Body = http_body_util::Full<Bytes>;

/// Answers requests for policies.
///
/// The policy is that of the host in the request, not of the name in the handshake: a reverse proxy connects to this host by its own name, and asks for
/// that of the domain (RFC 8461 §8.2).
#[derive(Debug)]
pub(crate) struct Answers {
    policies: Arc<Policies>,
    proxied: bool,
}

impl Answers {
    pub(crate) const fn new(policies: Arc<Policies>, proxied: bool) -> Self {
        Self { policies, proxied }
    }

    pub(crate) async fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        let Some(host) = host(request) else {
            return failure(StatusCode::BAD_REQUEST);
        };
        let Some(domain) = domain(&host, request.uri().path()) else {
            return failure(StatusCode::NOT_FOUND);
        };
        let policies = Arc::clone(&self.policies);
        let found = spawn_blocking(move || policies.find(&domain)).await;
        // It panics never; if it did, the server would be at fault as with a bad file.
        let text = match found.unwrap_or(Found::Unusable) {
            Found::Policy(text) => text,
            Found::Nothing => return failure(StatusCode::NOT_FOUND),
            // Not 404, which means that there is no policy, and which a proxy may keep: this is an error here, and will pass.
            Found::Unusable => return failure(StatusCode::SERVICE_UNAVAILABLE),
        };
        // For HEAD the server sends only the head of this.
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let mut response = failure(StatusCode::METHOD_NOT_ALLOWED);
            let methods = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(ALLOW, methods);
            return response;
        }
        // Without a parameter it is ASCII (RFC 2046 §4.1.2), which senders understand that compare it as a whole.
        let media_type = if text.is_ascii() {
            "text/plain"
        } else {
            "text/plain; charset=utf-8"
        };
        let mut response = Response::new(Body::from(text));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        if self.proxied {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
        }
        response
    }
}

/// The host that is asked: that of the request line if one stands there, or else that of the only field `Host` (RFC 9112 §3.2).
fn host<B>(request: &Request<B>) -> Option<String> {
    let mut fields = request.headers().get_all(HOST).iter();
    let field = fields.next()?.to_str().ok()?;
    let authority: Authority = field.parse().ok()?;
    if fields.next().is_some() || field.contains('@') {
        return None;
    }
    let authority = request.uri().authority().unwrap_or(&authority);
    Some(authority.host().to_owned())
}

/// The domain whose policy has this host and path in its URL.
fn domain(host: &str, path: &str) -> Option<PolicyDomain> {
    let (_, domain) = host.split_once('.')?;
    let domain: PolicyDomain = domain.parse().ok()?;
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    (format!("https://{host}{path}") == domain.policy_url()).then_some(domain)
}

/// An answer without a policy, with its name for people.
fn failure(status: StatusCode) -> Response<Body> {
    let text = format!("{status}\n");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/.well-known/mta-sts.txt";

    fn asked(target: &str, hosts: &[&str]) -> Option<String> {
        let mut request = Request::get(target);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        host(&request.body(()).unwrap())
    }

    #[test]
    fn hosts() {
        assert_eq!(asked(PATH, &["a.example"]).unwrap(), "a.example");
        assert_eq!(asked(PATH, &["A.Example.:443"]).unwrap(), "A.Example.");
        let absolute = format!("https://a.example{PATH}");
        assert_eq!(asked(&absolute, &["b.example"]).unwrap(), "a.example");
        for bad in [
            &[] as &[&str],
            &["a.example", "a.example"],
            &["b@a.example"],
            &["a.example/"],
            &["../a.example"],
            &[""],
        ] {
            assert_eq!(asked(PATH, bad), None, "{bad:?}");
        }
    }

    #[test]
    fn domains() {
        let domain = |host, path| domain(host, path).map(|domain| domain.to_string());
        for host in [
            "mta-sts.a.example",
            "MTA-STS.A.Example",
            "mta-sts.a.example.",
        ] {
            assert_eq!(domain(host, PATH).unwrap(), "a.example");
        }
        for host in [
            "a.example",
            "www.a.example",
            "mta-sts",
            "mta-sts.",
            "mta-sts...",
            "mta-sts.a..example",
            "mta-sts.a.example..",
            "mta-sts..a.example",
            "mta-sts.%2e%2e",
            "mta-sts.192.0.2.1",
            "192.0.2.1",
            "[2001:db8::1]",
        ] {
            assert_eq!(domain(host, PATH), None, "{host}");
        }
        for path in [
            "",
            "/",
            "/mta-sts.txt",
            "/.well-known/MTA-STS.txt",
            "/.well-known/mta-sts.txt/",
            "/.well-known//mta-sts.txt",
            "/../.well-known/mta-sts.txt",
            "/%2ewell-known/mta-sts.txt",
        ] {
            assert_eq!(domain("mta-sts.a.example", path), None, "{path}");
        }
    }
}
