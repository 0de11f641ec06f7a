//! What an operator may choose.

use crate::fetch::MediaType;
use crate::policy::ParseOptions;

/// How policies are discovered and applied. The default is the letter of RFC 8461.
///
/// # Examples
///
/// ```
/// use mta_sts::{DiscoveryOptions, ParseOptions};
///
/// let options = DiscoveryOptions::new().parse_options(ParseOptions::lenient()).spread_key(0x5eed);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiscoveryOptions {
    pub(crate) parse_options: ParseOptions,
    pub(crate) media_type: MediaType,
    pub(crate) lookup: Lookups,
    pub(crate) undetermined: Undetermined,
    pub(crate) certificate: CertificateBesideDane,
    pub(crate) spread_key: u64,
}

/// When a delivery with a fresh policy asks the DNS for the id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lookups {
    #[default]
    WhenDue,
    Always,
}

/// What happens to mail when nobody can say whether there is a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Undetermined {
    #[default]
    Deliver,
    Defer,
}

/// Whether a policy's certificate check holds where usable TLSA records make one of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum CertificateBesideDane {
    #[default]
    Checked,
    Replaced,
}

impl DiscoveryOptions {
    /// The default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How strictly policies are read; strictly by default. What leniency costs is said at [`ParseOptions`].
    #[must_use]
    pub fn parse_options(self, parse_options: ParseOptions) -> Self {
        Self {
            parse_options,
            ..self
        }
    }

    /// Which media type a policy must have; `text/plain` by default.
    #[must_use]
    pub fn media_type(self, media_type: MediaType) -> Self {
        Self { media_type, ..self }
    }

    /// Asks the DNS for the id in each discovery for a delivery, and not only when the policy is due (RFC 8461
    /// [§5.1](https://www.rfc-editor.org/rfc/rfc8461#section-5.1): "optionally"): changes are seen sooner, at the price of a look-up.
    #[must_use]
    pub fn ask_each_time(self) -> Self {
        Self {
            lookup: Lookups::Always,
            ..self
        }
    }

    /// Holds mail back while the DNS does not say whether a domain has a policy and none is known.
    ///
    /// By default it is delivered as without MTA-STS, as RFC 8461 allows. That is the cheapest attack on a sender that meets
    /// a domain for the first time: suppress one answer of the DNS, and the mail goes out in the clear
    /// ([§10.2](https://www.rfc-editor.org/rfc/rfc8461#section-10.2)). The price is mail that waits for domains whose name servers fail.
    #[must_use]
    pub fn defer_undetermined(self) -> Self {
        Self {
            undetermined: Undetermined::Defer,
            ..self
        }
    }

    /// Lets usable TLSA records take the place of a policy's certificate check (never that of its MX patterns), as several mail servers do.
    /// By default both must pass.
    #[must_use]
    pub fn dane_replaces_pkix(self) -> Self {
        Self {
            certificate: CertificateBesideDane::Replaced,
            ..self
        }
    }

    /// A number of the operator's own, from which (and the domain) it follows by how much a refresh comes early: senders with different keys do not
    /// refresh at the same time.
    #[must_use]
    pub fn spread_key(self, spread_key: u64) -> Self {
        Self { spread_key, ..self }
    }
}
