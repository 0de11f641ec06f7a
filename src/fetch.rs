//! The HTTPS request for a policy, and the judgement of what comes back (RFC 8461 §3.3).

use crate::domain::PolicyDomain;
use crate::failure::{FetchError, Reason};
use crate::policy::{ParseOptions, Policy};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

/// The most octets of a policy that are read, after any transfer coding: 64 KiB (RFC 8461
/// [§3.3](https://www.rfc-editor.org/rfc/rfc8461#section-3.3)).
pub const MAX_POLICY_LEN: usize = 65_536;

/// A request for a policy: GET of [`url`](Self::url), and nothing else.
///
/// What whoever carries it out must obey is said at [`Fetcher`](crate::Fetcher).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRequest {
    domain: PolicyDomain,
    url: String,
    host: String,
}

impl PolicyRequest {
    /// How long the whole exchange may take, from the look-up of the host to the last octet: one minute.
    pub const TIMEOUT: Duration = Duration::from_secs(60);

    /// The request for the policy of this domain.
    #[must_use]
    pub fn new(domain: PolicyDomain) -> Self {
        Self {
            url: domain.policy_url(),
            host: domain.policy_host(),
            domain,
        }
    }

    /// The domain that the policy is for.
    #[must_use]
    pub const fn domain(&self) -> &PolicyDomain {
        &self.domain
    }

    /// The URL: `https://mta-sts.<domain>/.well-known/mta-sts.txt`, port 443.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The Policy Host: the name to look up, to send as SNI and `Host`, and for which the certificate must be.
    #[must_use]
    pub fn policy_host(&self) -> &str {
        &self.host
    }
}

/// A body while it is being read: counts, and knows when it is whole.
///
/// # Examples
///
/// ```
/// use mta_sts::{FetchError, PolicyBody, PolicyResponse};
///
/// let mut body = PolicyBody::new(Some(14))?; // the Content-Length
/// body.push(b"version: ")?;
/// body.push(b"STSv1")?;
/// let response = PolicyResponse::new(200, Some("text/plain"), body.finish()?);
///
/// let mut cut = PolicyBody::new(Some(14))?;
/// cut.push(b"version: ")?;
/// assert_eq!(cut.finish().unwrap_err(), FetchError::Truncated);
/// # Ok::<(), FetchError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyBody {
    bytes: Vec<u8>,
    content_length: Option<u64>,
}

impl PolicyBody {
    /// A body of which nothing has come yet, and its Content-Length if there is one.
    ///
    /// # Errors
    ///
    /// [`FetchError::TooLarge`] if more is announced than [`MAX_POLICY_LEN`].
    pub fn new(content_length: Option<u64>) -> Result<Self, FetchError> {
        let max = u64::try_from(MAX_POLICY_LEN).unwrap_or(u64::MAX);
        if content_length.is_some_and(|len| len > max) {
            return Err(FetchError::TooLarge);
        }
        Ok(Self {
            bytes: Vec::new(),
            content_length,
        })
    }

    /// Adds what has come.
    ///
    /// # Errors
    ///
    /// [`FetchError::TooLarge`] once it is more than [`MAX_POLICY_LEN`]: stop reading, nothing of it can be used.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), FetchError> {
        if chunk.len() > MAX_POLICY_LEN.saturating_sub(self.bytes.len()) {
            return Err(FetchError::TooLarge);
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    /// The whole body.
    ///
    /// A body that was cut without a Content-Length (an aborted chunk, a TLS connection closed without its alert) cannot
    /// be told here: whoever reads it reports [`FetchError::Truncated`].
    ///
    /// # Errors
    ///
    /// [`FetchError::Truncated`] unless exactly what was announced has come.
    pub fn finish(self) -> Result<Vec<u8>, FetchError> {
        let len = u64::try_from(self.bytes.len()).ok();
        if self.content_length.is_some() && self.content_length != len {
            return Err(FetchError::Truncated);
        }
        Ok(self.bytes)
    }
}

/// The raw facts of an HTTPS response. What they mean is judged here, so that no fetcher need know it.
///
/// # Examples
///
/// ```
/// use mta_sts::{MediaType, ParseOptions, PolicyRequest, PolicyResponse};
///
/// let body = *b"version: STSv1\nmode: none\nmax_age: 86400\n";
/// let request = PolicyRequest::new("kestrel.net".parse()?);
/// let code = |response: PolicyResponse| {
///     let policy = response.policy(&request, MediaType::TextPlain, &ParseOptions::strict());
///     policy.map_err(|reason| reason.code())
/// };
/// assert!(code(PolicyResponse::new(200, Some("text/plain; charset=utf-8"), body)).is_ok());
/// assert_eq!(code(PolicyResponse::new(301, None, [])), Err("fetch-redirect"));
/// assert_eq!(code(PolicyResponse::new(206, Some("text/plain"), body)), Err("fetch-status"));
/// assert_eq!(code(PolicyResponse::new(200, Some("text/html"), body)), Err("fetch-media-type"));
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyResponse {
    status: u16,
    content_type: Option<Box<str>>,
    url: Option<Box<str>>,
    body: Arc<[u8]>,
}

impl PolicyResponse {
    /// A response: its status, its `Content-Type` if there is one, and its body (which only status 200 needs).
    #[must_use]
    pub fn new(status: u16, content_type: Option<&str>, body: impl Into<Arc<[u8]>>) -> Self {
        Self {
            status,
            content_type: content_type.map(Into::into),
            url: None,
            body: body.into(),
        }
    }

    /// The same as a response from this URL: for clients that say where a response came from in the end, as a safeguard
    /// against redirects that were followed.
    #[must_use]
    pub fn with_url(self, url: &str) -> Self {
        Self {
            url: Some(url.into()),
            ..self
        }
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The `Content-Type`, if there is one.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Arc<[u8]> {
        &self.body
    }

    /// The policy in the response (RFC 8461 [§3.3](https://www.rfc-editor.org/rfc/rfc8461#section-3.3)).
    ///
    /// # Errors
    ///
    /// The first that holds of: [`Reason::Redirect`] (`fetch-redirect`) for a status 3xx or another URL than that of the request;
    /// [`Reason::Status`] (`fetch-status`) for another one than 200; [`Reason::MediaType`] (`fetch-media-type`) where it matters;
    /// [`FetchError::TooLarge`] (`fetch-too-large`); [`Reason::PolicyInvalid`] with the code of the error.
    pub fn policy(
        &self,
        request: &PolicyRequest,
        media_type: MediaType,
        options: &ParseOptions,
    ) -> Result<Policy, Reason> {
        let elsewhere = self.url.as_deref().is_some_and(|url| url != request.url);
        match self.status {
            _ if elsewhere => Err(Reason::Redirect),
            300..=399 => Err(Reason::Redirect),
            200 if media_type == MediaType::TextPlain && !self.is_plain_text() => {
                Err(Reason::MediaType)
            }
            200 if self.body.len() > MAX_POLICY_LEN => Err(Reason::Fetch(FetchError::TooLarge)),
            200 => Policy::parse_with(&self.body, options).map_err(Reason::PolicyInvalid),
            status => Err(Reason::Status(status)),
        }
    }

    /// Whether the media type is `text/plain`, in any case and with any parameters.
    fn is_plain_text(&self) -> bool {
        let value = self.content_type().unwrap_or_default();
        let media_type = value
            .split_once(';')
            .map_or(value, |(media_type, _)| media_type);
        media_type
            .trim_matches([' ', '\t'])
            .eq_ignore_ascii_case("text/plain")
    }
}

/// Which media type a policy must have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum MediaType {
    /// `text/plain`, with any parameters (RFC 8461 [§3.2](https://www.rfc-editor.org/rfc/rfc8461#section-3.2): "SHOULD validate").
    #[default]
    TextPlain,
    /// Any, or none.
    Any,
}
