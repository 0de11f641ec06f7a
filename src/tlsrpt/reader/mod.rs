//! From JSON to a report: whatever can be understood is, and each tolerance is told.

mod values;

pub(super) use values::is_packed;

use super::day::DateRange;
use super::details::FailureDetails;
use super::fault::{Deviation, DeviationKind, Deviations, ReportError, ReportErrorKind};
use super::json::{self, Json, Limits};
use super::options::ReadOptions;
use super::path::Path;
use super::report::{Report, ReportPolicy};
use super::time;
use crate::domain::{Domain, NameFault};
use crate::grammar::{self, is_whole};
use crate::mx;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use values::{Members, Need};

/// A report, and what in it is not as RFC 8460 wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadReport {
    report: Report,
    deviations: Deviations,
}

impl ReadReport {
    /// The report.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The report alone.
    #[must_use]
    pub fn into_report(self) -> Report {
        self.report
    }

    /// What was tolerated; the first 1,000 of it.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations.listed
    }

    /// How much was tolerated in all.
    #[must_use]
    pub const fn deviation_count(&self) -> usize {
        self.deviations.total
    }

    /// The same with one deviation more, of the report as a whole.
    #[cfg(feature = "gzip")]
    pub(super) fn with_deviation(mut self, kind: DeviationKind) -> Self {
        self.deviations.add(kind, Path::ROOT);
        self
    }
}

impl Report {
    /// Reads a report, tolerantly: of what real reporters send, only what cannot be understood is refused.
    ///
    /// Of repeated members the first counts, as everywhere in this crate. What is tolerated is said by [`ReadReport::deviations`].
    /// Within the limits of [`ReadOptions::new`].
    ///
    /// # Errors
    ///
    /// `tlsrpt-json-too-long`, `tlsrpt-json-utf8`, `tlsrpt-json-syntax` (with a number beyond [`f64::MAX`] too), `tlsrpt-json-nesting`, `tlsrpt-json-values`,
    /// `tlsrpt-json-not-an-object`, `tlsrpt-report-no-policies`, `tlsrpt-report-count-negative`, `tlsrpt-report-count-range`.
    pub fn from_json(text: &[u8]) -> Result<ReadReport, ReportError> {
        Self::from_json_with(text, &ReadOptions::new())
    }

    /// The same within other limits.
    ///
    /// # Errors
    ///
    /// Those of [`from_json`](Self::from_json).
    pub fn from_json_with(text: &[u8], options: &ReadOptions) -> Result<ReadReport, ReportError> {
        if text.len() > options.len {
            let kind = ReportErrorKind::TooLong;
            return Err(ReportError::at_byte(kind, options.len));
        }
        let text = core::str::from_utf8(text)
            .map_err(|error| ReportError::at_byte(ReportErrorKind::Utf8, error.valid_up_to()))?;
        let mut reader = Reader {
            limits: Limits::new(options),
            found: Deviations::default(),
        };
        let unmarked = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mark = text.len().saturating_sub(unmarked.len());
        if mark > 0 {
            reader.found.add(DeviationKind::ByteOrderMark, Path::ROOT);
        }
        let mended;
        let mut json = json::parse(unmarked, &reader.limits);
        if matches!(json, Err((ReportErrorKind::Syntax, _))) {
            if let Some(text) = json::without_lone_surrogates(unmarked) {
                mended = text;
                reader.limits = Limits::new(options);
                json = json::parse(&mended, &reader.limits);
            }
        }
        let json =
            json.map_err(|(kind, offset)| ReportError::at_byte(kind, offset.saturating_add(mark)))?;
        let report = reader.report(json)?;
        Ok(ReadReport {
            report,
            deviations: reader.found,
        })
    }
}

/// The members of an object, in the order of the text.
type Object<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

struct Reader {
    limits: Limits,
    found: Deviations,
}

impl Reader {
    fn report(&mut self, json: Json<'_>) -> Result<Report, ReportError> {
        let root = Path::ROOT;
        let Json::Object(object) = json else {
            return Err(ReportError::at_member(ReportErrorKind::NotAnObject, root));
        };
        let names = [
            "organization-name",
            "date-range",
            "contact-info",
            "report-id",
            "policies",
        ];
        let Members { known, unknown } = self.members(object, names, root);
        let [organization, range, contact, id, policies] = known;
        let organization_name = self.text(organization, Need::Required, root.member(names[0]));
        let (date_range, unknown_in_range) = self.date_range(range, root.member(names[1]));
        let at_contact = root.member(names[2]);
        let contact_info = self.text(contact, Need::Required, at_contact);
        let is_address = |text: &str| super::contact::Contact::submitter_in(text).is_some();
        if contact_info
            .as_deref()
            .is_some_and(|text| !is_address(text))
        {
            self.found.add(DeviationKind::Contact, at_contact);
        }
        Ok(Report {
            organization_name,
            date_range,
            contact_info,
            id: self.text(id, Need::Required, root.member(names[3])),
            policies: self.policies(policies, root.member(names[4]))?,
            unknown,
            unknown_in_range,
        })
    }

    fn date_range(
        &mut self,
        json: Option<Json<'_>>,
        path: Path<'_>,
    ) -> (DateRange, values::Unknown) {
        let Some(object) = self.object(json, path) else {
            return Default::default();
        };
        let names = ["start-datetime", "end-datetime"];
        let Members { known, unknown } = self.members(object, names, path);
        let [start, end] = known;
        let start = self.time(start, time::time, path.member(names[0]));
        let at_end = path.member(names[1]);
        let end = self.time(end, time::end_time, at_end);
        let (range, deviation) = DateRange::read(start, end);
        if let Some(kind) = deviation {
            self.found.add(kind, at_end);
        }
        (range, unknown)
    }

    fn policies(
        &mut self,
        json: Option<Json<'_>>,
        path: Path<'_>,
    ) -> Result<Vec<ReportPolicy>, ReportError> {
        let none = || ReportError::at_member(ReportErrorKind::NoPolicies, path);
        let mut policies = Vec::new();
        match json {
            Some(Json::Array(elements)) => {
                policies.reserve_exact(elements.len());
                for (index, element) in elements.into_iter().enumerate() {
                    let path = path.index(index);
                    match element {
                        Json::Object(object) => policies.push(self.policy(object, path)?),
                        _ => self.found.add(DeviationKind::Type, path),
                    }
                }
            }
            // One policy without the array around it.
            Some(Json::Object(object)) => {
                self.found.add(DeviationKind::Type, path);
                policies.push(self.policy(object, path)?);
            }
            _ => {}
        }
        if policies.is_empty() {
            return Err(none());
        }
        Ok(policies)
    }

    fn policy(&mut self, object: Object<'_>, path: Path<'_>) -> Result<ReportPolicy, ReportError> {
        let mut read = ReportPolicy::default();
        let names = ["policy", "summary", "failure-details"];
        let Members { known, unknown } = self.members(object, names, path);
        let [policy, summary, details] = known;
        read.unknown = unknown;
        let at_policy = path.member(names[0]);
        if let Some(object) = self.object(policy, at_policy) {
            self.applied(object, at_policy, &mut read)?;
        }
        let at_summary = path.member(names[1]);
        if let Some(object) = self.object(summary, at_summary) {
            let names = [
                "total-successful-session-count",
                "total-failure-session-count",
            ];
            let Members { known, unknown } = self.members(object, names, at_summary);
            let [successful, failed] = known;
            read.successful = self.count(successful, at_summary.member(names[0]))?;
            read.failed = self.count(failed, at_summary.member(names[1]))?;
            read.unknown_in_summary = unknown;
        }
        read.failure_details = self.failure_details(details, path.member(names[2]))?;
        Ok(read)
    }

    /// What stands inside `policy`.
    fn applied(
        &mut self,
        object: Object<'_>,
        path: Path<'_>,
        read: &mut ReportPolicy,
    ) -> Result<(), ReportError> {
        let names = ["policy-type", "policy-string", "policy-domain", "mx-host"];
        let Members { known, unknown } = self.members(object, names, path);
        let [policy_type, policy_string, domain, mx_host] = known;
        let at_type = path.member(names[0]);
        let policy_type = self.text(policy_type, Need::Required, at_type);
        read.policy_type = policy_type.map(|name| (*name).into());
        if matches!(&read.policy_type, Some(name) if name.known().is_none()) {
            self.found.add(DeviationKind::PolicyType, at_type);
        }
        read.policy_string = self.lines(policy_string, path.member(names[1]))?;
        let at_domain = path.member(names[2]);
        read.policy_domain = self.text(domain, Need::Required, at_domain);
        if matches!(&read.policy_domain, Some(name) if !is_domain(name)) {
            self.found.add(DeviationKind::Domain, at_domain);
        }
        read.mx_host = self.patterns(mx_host, path.member(names[3]))?;
        read.unknown_in_policy = unknown;
        Ok(())
    }

    fn failure_details(
        &mut self,
        json: Option<Json<'_>>,
        path: Path<'_>,
    ) -> Result<Vec<FailureDetails>, ReportError> {
        let mut read = Vec::new();
        match json {
            None => {}
            Some(Json::Null) => self.found.add(DeviationKind::Null, path),
            Some(Json::Array(elements)) => {
                read.reserve_exact(elements.len());
                for (index, element) in elements.into_iter().enumerate() {
                    let path = path.index(index);
                    match element {
                        Json::Object(object) => read.push(self.details(object, path)?),
                        _ => self.found.add(DeviationKind::Type, path),
                    }
                }
            }
            // One failure without the array around it.
            Some(Json::Object(object)) => {
                self.found.add(DeviationKind::Type, path);
                read.push(self.details(object, path)?);
            }
            Some(_) => self.found.add(DeviationKind::Type, path),
        }
        Ok(read)
    }

    fn details(
        &mut self,
        object: Object<'_>,
        path: Path<'_>,
    ) -> Result<FailureDetails, ReportError> {
        let names = [
            "result-type",
            "sending-mta-ip",
            "receiving-mx-hostname",
            "receiving-mx-helo",
            "receiving-ip",
            "failed-session-count",
            "additional-information",
            "failure-reason-code",
        ];
        let Members { known, unknown } = self.members(object, names, path);
        let [
            result_type,
            from,
            host,
            helo,
            to,
            failed,
            information,
            reason,
        ] = known;
        let result_type = self.text(result_type, Need::Required, path.member(names[0]));
        let at_information = path.member(names[6]);
        let information = self.text(information, Need::Optional, at_information);
        if information.as_deref().is_some_and(|uri| !is_uri(uri)) {
            self.found.add(DeviationKind::Uri, at_information);
        }
        Ok(FailureDetails {
            result_type: result_type.map(|name| (*name).into()),
            sending_mta_ip: self.address(from, path.member(names[1])),
            receiving_mx_hostname: self.text(host, Need::Optional, path.member(names[2])),
            receiving_mx_helo: self.text(helo, Need::Optional, path.member(names[3])),
            receiving_ip: self.address(to, path.member(names[4])),
            failed: self.count(failed, path.member(names[5]))?,
            additional_information: information,
            failure_reason_code: self.text(reason, Need::Optional, path.member(names[7])),
            unknown,
        })
    }
}

/// Whether a text is a name of A-labels.
pub(super) fn is_domain(name: &str) -> bool {
    name.is_ascii() && Domain::try_from(name).is_ok()
}

/// Whether a text is a host name or a pattern of such; `_` may stand in it, as it does in DNS.
pub(super) fn is_mx_host(pattern: &str) -> bool {
    matches!(
        mx::check(pattern.as_bytes()),
        Ok(()) | Err(NameFault::Underscore)
    )
}

/// Whether a text is a `URI` of RFC 3986. What the record wants encoded may stand here as it is, wherever a `*` may.
pub(super) fn is_uri(text: &str) -> bool {
    const ENCODED: [char; 3] = [',', '!', ';'];
    let is = |text: &str| is_whole(grammar::tlsrpt_uri, text.as_bytes());
    is(text) || is(&text.replace(ENCODED, "*"))
}
