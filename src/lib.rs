//! SMTP MTA Strict Transport Security ([RFC 8461](https://www.rfc-editor.org/rfc/rfc8461)): read, judge, correct and
//! write the records and policies by which a mail domain says which MX hosts are its own and that TLS must be real.
//!
//! A pure crate: bytes come in, values go out. No sockets, no clock, no threads, no runtime; `no_std` with `alloc`; no
//! `unsafe`; no input panics.
//!
//! # Example
//!
//! ```
//! use mta_sts::{Mode, Policy, PolicyDomain, StsRecord};
//!
//! let domain: PolicyDomain = "example.com".parse()?;
//! // Ask the DNS for TXT at `_mta-sts.example.com` …
//! assert_eq!(domain.record_name(), "_mta-sts.example.com");
//! let answer = ["v=STSv1; id=20160831085700Z;"];
//! if let Ok(Some(record)) = StsRecord::select(answer) {
//!     // … and fetch this, if the id is new.
//!     assert_eq!(domain.policy_url(), "https://mta-sts.example.com/.well-known/mta-sts.txt");
//!     let body = b"version: STSv1\r\nmode: enforce\r\nmx: *.example.net\r\nmax_age: 1209600\r\n";
//!     let policy = Policy::parse(body)?;
//!     assert!(policy.mode() == Mode::Enforce && policy.mx_matches("mx1.example.net"));
//! }
//! # Ok::<(), mta_sts::Error>(())
//! ```
//!
//! To say what is wrong with a text, where, and what to write instead, [`Policy::inspect`] and [`StsRecord::inspect`]
//! give an [`Inspection`]: every finding with its code, place, remedy and correction.
//!
//! A sender asks [`PolicyClient`] for the policy of a domain, or runs a [`Discovery`] itself, and lets
//! [`Decision::candidate`] decide about each MX host.
//!
//! # Guides
//!
//! | to | read |
//! |---|---|
//! | send mail, or replace MTA-STS code of one's own | [`_documentation::embedding`] |
//! | say what is wrong with a record, a policy or a deployment | [`_documentation::checking`] |
//! | make a policy, change it, take it back | [`_documentation::publishing`] |
//! | read TLS reports, count sessions, send reports | [`_documentation::reporting`] |
//! | choose how strictly policies are read | [`_documentation::leniency`] |
//! | look a code up, or know why | [`_documentation::codes`], [`_documentation::design`] |
//!
//! # Which section is where
//!
//! | section | item |
//! |---|---|
//! | RFC 8461 §3.1 TXT record | [`StsRecord`], [`PolicyId`], [`TxtAnswer`], [`SelectError`] |
//! | §3.2 policy | [`Policy`], [`Mode`], [`MaxAge`], [`MxPattern`], [`Extension`], [`PolicyBuilder`] |
//! | §3.2 its grammar, strictly or not | [`ParseOptions`], [`Tolerance`], [`Inspection`] |
//! | §3.2 names, §3.4 smart hosts | [`PolicyDomain`], [`Domain`] |
//! | §3.3 HTTPS policy fetching | [`Fetcher`], [`PolicyRequest`], [`PolicyBody`], [`PolicyResponse::policy`] |
//! | §3.3, §10.2 cache and refresh | [`CacheEntry`], [`Backoff`], [`PolicyStore`], [`MemoryStore`], [`PolicyClient::due`] |
//! | §4, §5 what to do with an MX host | [`Decision::candidate`], [`Session::judge`] |
//! | §4.1 MX host validation | [`Policy::mx_matches`], [`MxPattern::matches`] |
//! | §4.2 certificates, §7 TLS | [`TlsRequirement`], [`TlsOutcome`], [`TlsFailure`] |
//! | §5.1 control flow | [`Discovery`], [`discover`], [`PolicyClient::policy_for`], [`Purpose`] |
//! | §6 failures to report | [`Failure`], [`ResultType`], [`Reason`], [`PolicyResult`] |
//! | §8 operation | [`audit()`], [`PublishPlan`], [`propose_patterns`], [`Policy::derive_id`] |
//! | RFC 8460 §3 TLS reporting record | [`TlsRptRecord`], [`ReportUri`] |
//! | RFC 8460 §4.1 to §4.3 counting | [`Aggregate`], [`SessionFacts`], [`DomainReport`], [`UtcDay`] |
//! | RFC 8460 §4.4, §4.5 reports | [`Report`], [`ReportPolicy`], [`FailureDetails`], [`ReadOptions`], [`ReportBuilder`], [`Summary`] |
//! | RFC 8460 §5 delivery of reports | [`Submission`], [`ReportEncoding`], [`inflate`] |
//! | RFC 7672 §2.2 DANE, where it has a say | [`Dane`] |
//! | RFC 8689 `REQUIRETLS`, `TLS-Required: No` | [`MessageClass`] |
//!
//! # What this crate is not
//!
//! No SMTP, no TLS, no certificate validation, no resolver, no HTTP client, no database. DMARC, SPF, DKIM and BIMI are other crates.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `std` | yes | [`PolicyClient`], [`MemoryStore`], `std` in the dependencies; without it the crate is `no_std` and needs `alloc` |
//! | `idna` | yes | names with U-labels are converted to A-labels; without it they are refused or match nothing |
//! | `serde` | no | reading and writing of values, writing of inspections |
//! | `tlsrpt` | no | TLS reports (RFC 8460) read, written, counted and summed up: [`Report`], [`Aggregate`], [`Summary`]; implies `serde` |
//! | `gzip` | no | reports in gzip; implies `tlsrpt` and `std` |
//! | `arbitrary` | no | values for fuzzing |
//!
//! Rust 1.85 or later.
// What a feature brings is linked where it is on. Where it is off the name leads to the table of features.
#![cfg_attr(
    not(feature = "std"),
    doc = "",
    doc = "
[`PolicyClient`]: crate#features
[`PolicyClient::due`]: crate#features
[`PolicyClient::policy_for`]: crate#features
[`MemoryStore`]: crate#features
[`_documentation::embedding`]: crate#features
"
)]
#![cfg_attr(
    not(feature = "tlsrpt"),
    doc = "",
    doc = "
[`Aggregate`]: crate#features
[`DomainReport`]: crate#features
[`FailureDetails`]: crate#features
[`ReadOptions`]: crate#features
[`Report`]: crate#features
[`ReportBuilder`]: crate#features
[`ReportEncoding`]: crate#features
[`ReportPolicy`]: crate#features
[`SessionFacts`]: crate#features
[`Submission`]: crate#features
[`Summary`]: crate#features
[`UtcDay`]: crate#features
[`_documentation::reporting`]: crate#features
"
)]
#![cfg_attr(not(feature = "gzip"), doc = "", doc = "[`inflate`]: crate#features")]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::exhaustive_enums,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod span;
mod time;
mod error;
mod diagnostic;
mod scan;
mod hash;
mod index;
mod domain;
mod mx;
mod grammar;
mod extension;
mod txt;
mod record;
mod policy;
mod failure;
mod tls_rpt_record;
mod fetch;
mod cache;
mod io;
mod discovery;
mod delivery;
mod audit;
#[cfg(feature = "std")]
mod client;
#[cfg(feature = "tlsrpt")]
mod tlsrpt;
#[cfg(feature = "serde")]
mod serde_impls;
#[cfg(feature = "arbitrary")]
mod arbitrary_impls;

pub mod _documentation;

pub use crate::audit::{
    Audit, AuditCode, AuditOptions, AuditPart, Deployment, Finding, HostView, PublishHistory,
    PublishPlan, SenderView, Step, StepKind, Unchecked, Wait, audit, propose_patterns,
};
pub use crate::cache::{Backoff, CacheEntry, CachedPolicy};
#[cfg(feature = "std")]
pub use crate::client::{Due, Evicted, Lookup, MemoryStore, PolicyClient};
pub use crate::delivery::{
    Action, Candidate, Dane, MessageClass, PolicyResult, Session, Starttls, TlsOutcome,
    TlsRequirement, TlsVerdict, Verdict, Verification,
};
pub use crate::diagnostic::{AcceptedBy, Diagnostic, Edit, Fix, Inspection, Lint, Severity};
pub use crate::discovery::{
    Conclusion, Decision, Discovery, DiscoveryOptions, FetchStep, Purpose, Source, StoreAction,
    TxtStep, discover,
};
pub use crate::domain::{Domain, PolicyDomain};
pub use crate::error::{Error, ErrorKind, Section};
pub use crate::extension::{Extension, ExtensionRef, Extensions};
pub use crate::failure::{
    DnsError, Failure, FetchError, PolicyType, Reason, ResultType, TlsFailure,
};
pub use crate::fetch::{MAX_POLICY_LEN, MediaType, PolicyBody, PolicyRequest, PolicyResponse};
pub use crate::io::{
    BoxFuture, DynFetcher, DynPolicyStore, DynResolver, Fetcher, PolicyStore, Resolver, StoreError,
};
pub use crate::mx::{MxPattern, MxPatternRef, MxPatterns};
pub use crate::policy::{MaxAge, Mode, ParseOptions, Policy, PolicyBuilder, Tolerance};
pub use crate::record::{PolicyId, StsRecord};
pub use crate::span::{LineIndex, Position, Span};
pub use crate::time::UnixTime;
pub use crate::tls_rpt_record::{ReportScheme, ReportUri, TlsRptRecord};
#[cfg(feature = "gzip")]
pub use crate::tlsrpt::inflate;
#[cfg(feature = "tlsrpt")]
pub use crate::tlsrpt::{
    Aggregate, Assessment, Cause, Contact, DateRange, Deviation, DeviationKind, DomainReport,
    DomainSummary, FailureDetails, MAX_GZIP_RATIO, MAX_REPORT_LEN, MAX_REPORT_NESTING,
    MAX_REPORT_VALUES, MxHostSummary, ReadOptions, ReadReport, Report, ReportBuilder,
    ReportEncoding, ReportError, ReportErrorKind, ReportPolicy, Reported, ReporterSummary,
    ResultSummary, SessionFacts, Sessions, Submission, Summary, UnknownMember, UtcDay, WriteError,
    WriteErrorKind,
};
pub use crate::txt::{SelectError, TxtAnswer, TxtRecords};
