//! Finding the policy of a domain (RFC 8461 §3, §5.1): a machine that says what to ask next and takes the answer.

mod case;
mod decision;
mod options;

pub(crate) use decision::Enforcement;
pub use decision::{Conclusion, Decision, Source, StoreAction};
pub use options::DiscoveryOptions;
pub(crate) use options::{CertificateBesideDane, Undetermined};

use crate::cache::{CacheEntry, CachedPolicy};
use crate::domain::PolicyDomain;
use crate::failure::{DnsError, FetchError, Reason};
use crate::fetch::{PolicyRequest, PolicyResponse};
use crate::io::{Fetcher, Resolver};
use crate::time::UnixTime;
use crate::txt::TxtAnswer;
use alloc::string::String;
use alloc::sync::Arc;
use case::{Case, Record, Standing};
use options::Lookups;

/// Why a policy is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new purpose is a decision for every sender"
)]
pub enum Purpose {
    /// Mail is to be delivered. A fresh policy that is not due for a refresh is applied without asking anybody.
    Deliver,
    /// Mail is about to fail for good: the DNS is always asked for a newer policy (RFC 8461
    /// [§5](https://www.rfc-editor.org/rfc/rfc8461#section-5)).
    Recheck,
    /// Refreshing in the background: the policy is always fetched, as long as there is one to be expected
    /// ([§10.2](https://www.rfc-editor.org/rfc/rfc8461#section-10.2)).
    Refresh,
}

/// A discovery: what to do next.
///
/// Each step is consumed by its answer. No clock, no traits, no futures: whoever has those may use [`discover`] or
/// [`run`](Self::run).
///
/// # Examples
///
/// ```
/// use mta_sts::{Discovery, DiscoveryOptions, PolicyResponse, Purpose, Source, TxtAnswer, UnixTime};
///
/// let domain = "example.com".parse()?;
/// let now = UnixTime::from_secs(1_795_253_400);
/// let options = DiscoveryOptions::new();
/// let Discovery::LookUp(step) = Discovery::start(domain, None, Purpose::Deliver, now, &options) else {
///     panic!("nothing is cached: the DNS comes first");
/// };
/// assert_eq!(step.name(), "_mta-sts.example.com.");
/// let Discovery::Fetch(step) = step.answered(Ok(TxtAnswer::from_iter([["v=STSv1; id=1"]]))) else {
///     panic!("the record is valid");
/// };
/// assert_eq!(step.request().url(), "https://mta-sts.example.com/.well-known/mta-sts.txt");
/// let body = b"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 1209600\n";
/// let Discovery::Done(conclusion) = step.answered(Ok(PolicyResponse::new(200, Some("text/plain"), *body))) else {
///     panic!("that was all");
/// };
/// assert_eq!(conclusion.decision().source(), Source::Live);
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver must carry out every step"
)]
pub enum Discovery {
    /// Look up TXT records.
    LookUp(TxtStep),
    /// Fetch the policy.
    Fetch(FetchStep),
    /// Nothing more.
    Done(Conclusion),
}

impl Discovery {
    /// Begins to look for the policy of `domain`, of which `known` is remembered. `now` is the moment of all that follows: a slow fetch
    /// shortens the life of a policy and never lengthens it.
    pub fn start(
        domain: PolicyDomain,
        known: Option<CacheEntry>,
        purpose: Purpose,
        now: UnixTime,
        options: &DiscoveryOptions,
    ) -> Self {
        let case = Case::new(domain, known, purpose, now, *options);
        let unasked = match (purpose, case.standing(), options.lookup) {
            (Purpose::Deliver, Standing::InForce | Standing::OptedOut, Lookups::WhenDue) => {
                !case.due
            }
            (Purpose::Deliver, Standing::NoPolicy, _)
            | (Purpose::Deliver, _, Lookups::Always)
            | (Purpose::Recheck | Purpose::Refresh, _, _) => false,
        };
        if unasked {
            return Self::Done(case.conclude(Record::NotAsked, None));
        }
        let mut name = case.domain.record_name();
        name.push('.');
        Self::LookUp(TxtStep { name, case })
    }

    /// Runs to the end with two functions, for senders with threads; what they must obey is said at
    /// [`Resolver`] and [`Fetcher`].
    pub fn run(
        self,
        mut txt: impl FnMut(&str) -> Result<TxtAnswer, DnsError>,
        mut fetch: impl FnMut(&PolicyRequest) -> Result<PolicyResponse, FetchError>,
    ) -> Conclusion {
        let mut discovery = self;
        loop {
            discovery = match discovery {
                Self::LookUp(step) => {
                    let answer = txt(step.name());
                    step.answered(answer)
                }
                Self::Fetch(step) => {
                    let response = fetch(step.request());
                    step.answered(response)
                }
                Self::Done(conclusion) => return conclusion,
            };
        }
    }
}

/// Runs a discovery to its end, on any runtime. It holds nothing that dropping it would lose.
pub async fn discover<R: Resolver + ?Sized, F: Fetcher + ?Sized>(
    step: Discovery,
    resolver: &R,
    fetcher: &F,
) -> Conclusion {
    let mut discovery = step;
    loop {
        discovery = match discovery {
            Discovery::LookUp(step) => {
                let answer = resolver.txt(step.name()).await;
                step.answered(answer)
            }
            Discovery::Fetch(step) => {
                let response = fetcher.fetch(step.request()).await;
                step.answered(response)
            }
            Discovery::Done(conclusion) => return conclusion,
        };
    }
}

/// A look-up of TXT records.
#[derive(Clone, Debug)]
#[must_use]
pub struct TxtStep {
    name: String,
    case: Case,
}

impl TxtStep {
    /// The name, absolute: `_mta-sts.<domain>.`
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Goes on with the answer.
    pub fn answered(self, answer: Result<TxtAnswer, DnsError>) -> Discovery {
        let Self { case, .. } = self;
        let record = Record::from(answer);
        if !case.fetches(record) {
            return Discovery::Done(case.conclude(record, None));
        }
        Discovery::Fetch(FetchStep {
            request: PolicyRequest::new(case.domain.clone()),
            record,
            case,
        })
    }
}

/// A request for a policy.
#[derive(Clone, Debug)]
#[must_use]
pub struct FetchStep {
    request: PolicyRequest,
    record: Record,
    case: Case,
}

impl FetchStep {
    /// The request.
    #[must_use]
    pub const fn request(&self) -> &PolicyRequest {
        &self.request
    }

    /// Goes on with the response.
    pub fn answered(self, response: Result<PolicyResponse, FetchError>) -> Discovery {
        let Self {
            request,
            record,
            case,
        } = self;
        let options = &case.options;
        let fetched = match response {
            Ok(response) => response
                .policy(&request, options.media_type, &options.parse_options)
                .map(|policy| {
                    let id = case.id_of(record);
                    let cached = CachedPolicy::new(policy, id, case.now);
                    Arc::new(cached.received_as(Arc::clone(response.body())))
                })
                .map_err(|reason| (reason, Some(Arc::clone(response.body())))),
            Err(error) => Err((Reason::Fetch(error), None)),
        };
        Discovery::Done(case.conclude(record, Some(fetched)))
    }
}
