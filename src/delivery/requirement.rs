//! What TLS with a host must be like.

use crate::domain;
use crate::error::display_as_str;
use alloc::borrow::Cow;

/// Whether a connection may go on without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Starttls {
    /// TLS if it can be had.
    Opportunistic,
    /// TLS or nothing.
    Mandatory,
}

impl Starttls {
    /// `opportunistic` or `mandatory`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opportunistic => "opportunistic",
            Self::Mandatory => "mandatory",
        }
    }
}

display_as_str!(Starttls);

/// What is asked of the host's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "each one is a security decision")]
pub enum Verification {
    /// Nothing: any certificate will do.
    Nothing,
    /// Verify it by PKIX, keep the verdict, and go on whatever it is.
    ObservePkix,
    /// It must be valid by PKIX.
    RequirePkix,
    /// It must match a TLSA record.
    RequireDane,
    /// Both.
    RequireBoth,
}

impl Verification {
    /// `nothing`, `observe-pkix`, `require-pkix`, `require-dane` or `require-both`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::ObservePkix => "observe-pkix",
            Self::RequirePkix => "require-pkix",
            Self::RequireDane => "require-dane",
            Self::RequireBoth => "require-both",
        }
    }
}

display_as_str!(Verification);

/// How much a check of the certificate matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Check {
    Ignored,
    Observed,
    Required,
}

/// What TLS with a host must be like.
///
/// # Examples
///
/// ```
/// use mta_sts::{Candidate, Dane, Decision, Policy, Starttls, TlsRequirement, UnixTime, Verification};
///
/// let policy = Policy::parse(b"version: STSv1\nmode: testing\nmx: mx.kestrel.net\nmax_age: 86400\n")?;
/// let decision = Decision::configured("kestrel.net".parse()?, policy, UnixTime::from_secs(1_795_253_400));
/// let Candidate::Connect(session) = decision.candidate("mx.kestrel.net", Dane::NotApplicable) else { panic!() };
/// let requirement = session.requirement();
/// assert_eq!(requirement.starttls(), Starttls::Opportunistic);
/// assert_eq!(requirement.verification(), Verification::ObservePkix);
/// assert_eq!(TlsRequirement::server_name("mx.kestrel.net."), "mx.kestrel.net");
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TlsRequirement {
    pub(super) starttls: Starttls,
    pub(super) pkix: Check,
    pub(super) dane: Check,
}

impl TlsRequirement {
    /// The least protocol version where something is asked of TLS: 1.2, as it is written in the handshake (RFC 8461
    /// [§7.2](https://www.rfc-editor.org/rfc/rfc8461#section-7.2)). What the host offers below that is
    /// [`TlsFailure::ProtocolVersion`](crate::TlsFailure::ProtocolVersion).
    pub const MIN_PROTOCOL_VERSION: u16 = 0x0303;

    /// Whether the connection may go on without TLS.
    #[must_use]
    pub const fn starttls(self) -> Starttls {
        self.starttls
    }

    /// What is asked of the certificate.
    #[must_use]
    pub const fn verification(self) -> Verification {
        match (self.pkix, self.dane) {
            (Check::Required, Check::Required) => Verification::RequireBoth,
            (Check::Ignored | Check::Observed, Check::Required) => Verification::RequireDane,
            (Check::Required, Check::Ignored | Check::Observed) => Verification::RequirePkix,
            (Check::Observed, Check::Ignored | Check::Observed) => Verification::ObservePkix,
            (Check::Ignored, Check::Ignored | Check::Observed) => Verification::Nothing,
        }
    }

    /// Whether the verdict of PKIX is wanted although it does not decide: with
    /// [`ObservePkix`](Verification::ObservePkix), and with [`RequireDane`](Verification::RequireDane) under a policy that tests.
    #[must_use]
    pub const fn observes_pkix(self) -> bool {
        matches!(self.pkix, Check::Observed)
    }

    /// The name to send as SNI and to look for in the certificate: that of the MX record, never the target of a CNAME
    /// (RFC 8461 [§7.1](https://www.rfc-editor.org/rfc/rfc8461#section-7.1)), without a final dot and in A-labels.
    #[must_use]
    pub fn server_name(mx_host: &str) -> Cow<'_, str> {
        let name = mx_host.strip_suffix('.').unwrap_or(mx_host);
        if name.is_ascii() {
            return Cow::Borrowed(name);
        }
        domain::to_a_labels(name).unwrap_or(Cow::Borrowed(name))
    }
}
