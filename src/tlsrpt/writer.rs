//! From a report to JSON: exactly RFC 8460, or an error that names the member.

use super::MAX_EXACT;
use super::contact::Contact;
use super::details::FailureDetails;
use super::fault::{ReportErrorKind, WriteError, WriteErrorKind};
use super::json::{self, Limits, is_i_json};
use super::options::{MAX_REPORT_LEN, MAX_REPORT_NESTING, MAX_REPORT_VALUES, ReadOptions};
use super::path::Path;
use super::reader::{is_domain, is_mx_host, is_packed, is_uri};
use super::report::{Report, ReportPolicy};
use super::reported::{Reported, UnknownMember};
use crate::failure::ResultType;
use crate::time::UnixTime;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::net::IpAddr;

/// The last second of the year 9999, the last one that RFC 3339 can write.
const LAST_TIME: UnixTime = UnixTime::from_secs(253_402_300_799);

impl Report {
    /// The report as JSON, exactly as RFC 8460 [§4.4](https://www.rfc-editor.org/rfc/rfc8460#section-4.4) and I-JSON (RFC 7493) have it.
    ///
    /// What it writes is read back as the same report, without deviations; but unknown members, which are written again, are told
    /// again.
    ///
    /// # Errors
    ///
    /// Names the member: `tlsrpt-write-missing`, `tlsrpt-write-text`, `tlsrpt-write-number`, `tlsrpt-write-policy-type`,
    /// `tlsrpt-write-policy-string`, `tlsrpt-write-domain`, `tlsrpt-write-mx-host`, `tlsrpt-write-address`, `tlsrpt-write-uri`,
    /// `tlsrpt-write-contact`, `tlsrpt-write-time`; `tlsrpt-write-nesting` beyond [`MAX_REPORT_NESTING`], and `tlsrpt-write-too-long` beyond
    /// [`MAX_REPORT_LEN`] and [`MAX_REPORT_VALUES`]. Never for a report from a [`ReportBuilder`](crate::ReportBuilder).
    pub fn to_json(&self) -> Result<String, WriteError> {
        let mut writer = Writer::default();
        writer.report(self)?;
        let is_too_long = writer.out.len() > MAX_REPORT_LEN || writer.values > MAX_REPORT_VALUES;
        if is_too_long {
            return Err(WriteError::new(WriteErrorKind::TooLong, Path::ROOT));
        }
        Ok(writer.out)
    }
}

type Written = Result<(), WriteError>;

/// What has been written. A value that follows another one in an array or object gets a comma.
#[derive(Default)]
struct Writer {
    out: String,
    values: usize,
    /// How many arrays and objects are open.
    nesting: usize,
}

impl Writer {
    fn report(&mut self, report: &Report) -> Written {
        let root = Path::ROOT;
        self.open('{');
        let name = report.organization_name();
        self.required_text("organization-name", name, root)?;
        let range = report.date_range();
        let at_range = root.member("date-range");
        self.name("date-range");
        self.open('{');
        self.time("start-datetime", range.start(), at_range)?;
        self.time("end-datetime", range.end(), at_range)?;
        self.unknown(&report.unknown_in_range, at_range)?;
        self.close('}');
        let contact = report.contact_info();
        self.required_text("contact-info", contact, root)?;
        if contact.and_then(Contact::submitter_in).is_none() {
            let path = root.member("contact-info");
            return Err(WriteError::new(WriteErrorKind::Contact, path));
        }
        self.required_text("report-id", report.report_id(), root)?;
        self.name("policies");
        self.open('[');
        let at_policies = root.member("policies");
        for (index, policy) in report.policies().iter().enumerate() {
            self.comma();
            self.policy(policy, at_policies.index(index))?;
        }
        self.close(']');
        self.unknown(&report.unknown, root)?;
        self.close('}');
        Ok(())
    }

    fn policy(&mut self, policy: &ReportPolicy, path: Path<'_>) -> Written {
        self.open('{');
        self.name("policy");
        self.applied(policy, path.member("policy"))?;
        self.name("summary");
        self.open('{');
        let at_summary = path.member("summary");
        let (successful, failed) = (policy.successful_sessions(), policy.failed_sessions());
        self.count("total-successful-session-count", successful, at_summary)?;
        self.count("total-failure-session-count", failed, at_summary)?;
        self.unknown(&policy.unknown_in_summary, at_summary)?;
        self.close('}');
        if !policy.failure_details().is_empty() {
            self.name("failure-details");
            self.open('[');
            let at_details = path.member("failure-details");
            for (index, details) in policy.failure_details().iter().enumerate() {
                self.comma();
                self.details(details, at_details.index(index))?;
            }
            self.close(']');
        }
        self.unknown(&policy.unknown, path)?;
        self.close('}');
        Ok(())
    }

    fn applied(&mut self, policy: &ReportPolicy, path: Path<'_>) -> Written {
        let fault = |kind, name| Err(WriteError::new(kind, path.member(name)));
        self.open('{');
        match policy.policy_type() {
            Some(Reported::Known(policy_type)) => {
                self.required_text("policy-type", Some(policy_type.as_str()), path)?;
            }
            Some(Reported::Other(_)) => return fault(WriteErrorKind::PolicyType, "policy-type"),
            None => return fault(WriteErrorKind::Missing, "policy-type"),
        }
        if matches!(&*policy.policy_string, [line] if is_packed(line)) {
            return fault(WriteErrorKind::PolicyString, "policy-string");
        }
        self.strings("policy-string", &policy.policy_string, path, |line| {
            is_i_json(line).then_some(()).ok_or(WriteErrorKind::Text)
        })?;
        let domain = policy.policy_domain();
        self.required_text("policy-domain", domain, path)?;
        if !domain.is_some_and(is_domain) {
            return fault(WriteErrorKind::Domain, "policy-domain");
        }
        self.strings("mx-host", &policy.mx_host, path, |pattern| {
            let is_mx_host = is_mx_host(pattern).then_some(());
            is_mx_host.ok_or(WriteErrorKind::MxHost)
        })?;
        self.unknown(&policy.unknown_in_policy, path)?;
        self.close('}');
        Ok(())
    }

    fn details(&mut self, details: &FailureDetails, path: Path<'_>) -> Written {
        self.open('{');
        let result_type = details.result_type().map(Reported::<ResultType>::as_str);
        self.required_text("result-type", result_type, path)?;
        self.address("sending-mta-ip", details.sending_mta_ip(), path)?;
        let host = details.receiving_mx_hostname();
        self.text("receiving-mx-hostname", host, path)?;
        self.text("receiving-mx-helo", details.receiving_mx_helo(), path)?;
        self.address("receiving-ip", details.receiving_ip(), path)?;
        self.count("failed-session-count", details.failed_sessions(), path)?;
        let information = details.additional_information();
        if information.is_some_and(|uri| !is_uri(uri)) {
            let path = path.member("additional-information");
            return Err(WriteError::new(WriteErrorKind::Uri, path));
        }
        self.text("additional-information", information, path)?;
        self.text("failure-reason-code", details.failure_reason_code(), path)?;
        self.unknown(&details.unknown, path)?;
        self.close('}');
        Ok(())
    }

    fn open(&mut self, bracket: char) {
        self.values = self.values.saturating_add(1);
        self.nesting = self.nesting.saturating_add(1);
        self.out.push(bracket);
    }

    fn close(&mut self, bracket: char) {
        self.nesting = self.nesting.saturating_sub(1);
        self.out.push(bracket);
    }

    fn comma(&mut self) {
        if !self.out.ends_with(['{', '[']) {
            self.out.push(',');
        }
    }

    /// A name that needs no escapes.
    fn name(&mut self, name: &str) {
        self.comma();
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    fn required_text(&mut self, name: &str, text: Option<&str>, path: Path<'_>) -> Written {
        if text.is_none() {
            return Err(WriteError::new(WriteErrorKind::Missing, path.member(name)));
        }
        self.text(name, text, path)
    }

    fn text(&mut self, name: &str, text: Option<&str>, path: Path<'_>) -> Written {
        let Some(text) = text else { return Ok(()) };
        if text.is_empty() || !is_i_json(text) {
            return Err(WriteError::new(WriteErrorKind::Text, path.member(name)));
        }
        self.name(name);
        self.string(text);
        Ok(())
    }

    fn time(&mut self, name: &str, time: Option<UnixTime>, path: Path<'_>) -> Written {
        if time.is_some_and(|time| time > LAST_TIME) {
            return Err(WriteError::new(WriteErrorKind::Time, path.member(name)));
        }
        let time = time.map(|time| time.to_string());
        self.required_text(name, time.as_deref(), path)
    }

    fn address(
        &mut self,
        name: &str,
        address: Option<&Reported<IpAddr>>,
        path: Path<'_>,
    ) -> Written {
        match address {
            None => Ok(()),
            Some(Reported::Known(address)) => self.text(name, Some(&address.to_string()), path),
            Some(Reported::Other(_)) => {
                Err(WriteError::new(WriteErrorKind::Address, path.member(name)))
            }
        }
    }

    fn count(&mut self, name: &str, count: Option<u64>, path: Path<'_>) -> Written {
        let kind = match count {
            Some(count) if count <= MAX_EXACT => {
                self.name(name);
                self.values = self.values.saturating_add(1);
                self.out.push_str(&count.to_string());
                return Ok(());
            }
            Some(_) => WriteErrorKind::Number,
            None => WriteErrorKind::Missing,
        };
        Err(WriteError::new(kind, path.member(name)))
    }

    fn strings(
        &mut self,
        name: &str,
        strings: &[Box<str>],
        path: Path<'_>,
        check: impl Fn(&str) -> Result<(), WriteErrorKind>,
    ) -> Written {
        if strings.is_empty() {
            return Ok(());
        }
        self.name(name);
        self.open('[');
        for (index, string) in strings.iter().enumerate() {
            check(string).map_err(|kind| WriteError::new(kind, path.member(name).index(index)))?;
            self.comma();
            self.string(string);
        }
        self.close(']');
        Ok(())
    }

    fn unknown(&mut self, members: &[UnknownMember], path: Path<'_>) -> Written {
        for member in members {
            // It may have been read within wider limits.
            let left = MAX_REPORT_NESTING.saturating_sub(self.nesting);
            let limits = Limits::new(&ReadOptions::new().max_nesting(left));
            let is_deep = matches!(
                json::parse(member.json(), &limits),
                Err((ReportErrorKind::Nesting, _))
            );
            let too_deep = is_deep.then_some(WriteErrorKind::Nesting);
            if let Some(kind) = member.fault().or(too_deep) {
                return Err(WriteError::new(kind, path.member(member.name())));
            }
            self.comma();
            self.string(member.name());
            self.out.push(':');
            self.out.push_str(member.json());
            // No fewer than there are: one of these stands before every value but the first.
            let marks = member.json().bytes().filter(|byte| b",:[".contains(byte));
            self.values = self.values.saturating_add(marks.count());
        }
        Ok(())
    }

    fn string(&mut self, text: &str) {
        self.values = self.values.saturating_add(1);
        self.out.push('"');
        let mut rest = text;
        let is_special = |char: char| matches!(char, '"' | '\\' | '\0'..='\x1f');
        while let Some((plain, special)) = rest
            .find(is_special)
            .and_then(|at| rest.split_at_checked(at))
        {
            self.out.push_str(plain);
            let mut chars = special.chars();
            match chars.next().unwrap_or_default() {
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                char @ ('"' | '\\') => self.out.extend(['\\', char]),
                control => {
                    let number = u32::from(control);
                    let digit = |value| char::from_digit(value, 16).unwrap_or_default();
                    let digits = [digit(number >> 4), digit(number & 15)];
                    self.out.push_str("\\u00");
                    self.out.extend(digits);
                }
            }
            rest = chars.as_str();
        }
        self.out.push_str(rest);
        self.out.push('"');
    }
}
