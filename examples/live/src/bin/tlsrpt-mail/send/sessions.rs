//! What a sender saw in a day, counted: from what it found out about domains to reports.

use crate::response;
use mail_parser::DateTime;
use mta_sts::{
    Aggregate, Candidate, Dane, Decision, Discovery, DiscoveryOptions, DnsError, FetchError,
    PolicyDomain, PolicyResponse, Purpose, SessionFacts, TlsFailure, TlsOutcome, TlsVerdict,
    TxtAnswer, UnixTime,
};
use std::fs;
use std::net::IpAddr;
use std::path::Path;

/// What a discovery is answered, and how sessions went; see `README.md`.
struct Domain {
    name: PolicyDomain,
    record: Result<TxtAnswer, DnsError>,
    policy: Result<PolicyResponse, FetchError>,
    sessions: Vec<Session>,
}

struct Session {
    ended_at: UnixTime,
    mx_host: String,
    outcome: TlsOutcome,
    from: Option<IpAddr>,
    to: Option<IpAddr>,
    times: u32,
}

/// Counts the sessions in a file. Policies lie beside it.
pub(super) fn counted(file: &Path) -> Result<Aggregate, String> {
    let text = fs::read_to_string(file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let domains = parse(&text, file.parent().unwrap_or(Path::new("")))
        .map_err(|error| format!("{}: {error}", file.display()))?;
    let mut aggregate = Aggregate::new();
    for domain in &domains {
        domain.count(&mut aggregate);
    }
    Ok(aggregate)
}

impl Domain {
    /// Does what a sender does. A sender that keeps policies asks its `PolicyClient` instead, and looks for TLSA records.
    fn count(&self, aggregate: &mut Aggregate) {
        let Some(first) = self.sessions.iter().map(|session| session.ended_at).min() else {
            return;
        };
        let decision = self.discover(first);
        for session in &self.sessions {
            let verdict = match decision.candidate(&session.mx_host, Dane::NotApplicable) {
                Candidate::Connect(connection) => connection.judge(session.outcome),
                Candidate::Skip(verdict) => verdict,
            };
            let mut facts = SessionFacts::new(session.ended_at, &session.mx_host);
            if let Some(address) = session.from {
                facts = facts.with_sending_mta_ip(address);
            }
            if let Some(address) = session.to {
                facts = facts.with_receiving_ip(address);
            }
            for _ in 0..session.times {
                aggregate.record(&decision, &verdict, &facts);
            }
        }
    }

    fn discover(&self, now: UnixTime) -> Decision {
        let options = DiscoveryOptions::new();
        let start = Discovery::start(self.name.clone(), None, Purpose::Deliver, now, &options);
        let conclusion = start.run(|_| self.record.clone(), |_| self.policy.clone());
        let (decision, _, _) = conclusion.into_parts();
        decision
    }
}

/// Lines of a keyword and what belongs to it; `#` begins a remark.
fn parse(text: &str, folder: &Path) -> Result<Vec<Domain>, String> {
    let mut domains: Vec<Domain> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let at_line = |error: String| format!("line {}: {error}", number + 1);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (keyword, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        if keyword == "domain" {
            let name: PolicyDomain = rest
                .parse()
                .map_err(|error: mta_sts::Error| at_line(format!("{error:#}")))?;
            domains.push(Domain {
                name,
                record: Err(DnsError::NoData),
                policy: Err(FetchError::Connect),
                sessions: Vec::new(),
            });
            continue;
        }
        let domain = domains.last_mut();
        let domain = domain.ok_or_else(|| at_line("no domain stands before it".to_owned()))?;
        match keyword {
            "record" => domain.record = Ok(TxtAnswer::from_iter([[rest]])),
            "policy" => domain.policy = policy(rest, folder).map_err(at_line)?,
            "session" => domain.sessions.push(session(rest).map_err(at_line)?),
            _ => return Err(at_line(format!("{keyword:.40?} is not known here"))),
        }
    }
    Ok(domains)
}

/// A response in a file, or else the code of why there is none.
fn policy(text: &str, folder: &Path) -> Result<Result<PolicyResponse, FetchError>, String> {
    let file = folder.join(text);
    if !file.exists() {
        return response::parse(text.as_bytes());
    }
    let bytes = fs::read(&file);
    let bytes = bytes.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    response::parse(&bytes)
}

/// When it ended, the MX host, and what came of it; then pairs of a word and a value.
fn session(text: &str) -> Result<Session, String> {
    let mut words = text.split_whitespace();
    let mut next = |what: &str| words.next().ok_or_else(|| format!("{what} is missing"));
    let moment = next("the moment")?;
    let ended_at = DateTime::parse_rfc3339(moment)
        .and_then(|moment| u64::try_from(moment.to_timestamp()).ok())
        .map(UnixTime::from_secs)
        // No other day of the calendar was meant, and nothing else stands there.
        .filter(|ended_at| ended_at.to_string() == moment)
        .ok_or_else(|| format!("not a moment such as 2026-11-20T09:30:00Z: {moment:.40?}"))?;
    let mx_host = next("the MX host")?.to_owned();
    let word = next("what came of it")?;
    let outcome = outcome(word).ok_or_else(|| format!("{word:.40?} is not known here"))?;
    let mut session = Session {
        ended_at,
        mx_host,
        outcome,
        from: None,
        to: None,
        times: 1,
    };
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_default();
        let wrong = || format!("{value:.40?} cannot stand behind {word:.40?}");
        match word {
            "from" => session.from = Some(value.parse().map_err(|_| wrong())?),
            "to" => session.to = Some(value.parse().map_err(|_| wrong())?),
            "times" => session.times = value.parse().map_err(|_| wrong())?,
            _ => return Err(format!("{word:.40?} is not known here")),
        }
    }
    Ok(session)
}

/// `valid`, `starttls-not-offered`, or the code of a failure: that of a certificate if it begins so, or else of the handshake.
fn outcome(word: &str) -> Option<TlsOutcome> {
    let established = |pkix| TlsOutcome::Established {
        pkix,
        dane: TlsVerdict::NotChecked,
    };
    Some(match word {
        "valid" => established(TlsVerdict::Passed),
        "starttls-not-offered" => TlsOutcome::NotOffered,
        code => {
            let mut failures = TlsFailure::ALL.iter().copied();
            let failure = failures.find(|failure| failure.code() == code)?;
            if code.starts_with("tls-certificate-") {
                established(TlsVerdict::Failed(failure))
            } else {
                TlsOutcome::Failed(failure)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        match parse(text, Path::new("/nowhere")) {
            Ok(_) => panic!("{text:?} is read"),
            Err(error) => error,
        }
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let start = "# a day\n\ndomain a.example\nrecord v=STSv1; id=1\n";
        for (line, wanted) in [
            ("domain a..b", "line 5: "),
            ("policy fetch-nothing", "line 5: neither a response nor"),
            ("sessions", "line 5: \"sessions\" is not known here"),
            ("session", "line 5: the moment is missing"),
            ("session today", "line 5: not a moment"),
            (
                "session 2026-02-30T00:00:00Z mx valid",
                "line 5: not a moment",
            ),
            (
                "session 2026-02-03T00:00:00Z",
                "line 5: the MX host is missing",
            ),
            (
                "session 2026-02-03T00:00:00Z mx good",
                "line 5: \"good\" is not",
            ),
            (
                "session 2026-02-03T00:00:00Z mx valid from 1.2.3",
                "line 5: \"1.2.3\" cannot",
            ),
            (
                "session 2026-02-03T00:00:00Z mx valid times",
                "line 5: \"\" cannot stand",
            ),
            (
                "session 2026-02-03T00:00:00Z mx valid now",
                "line 5: \"now\" is not",
            ),
        ] {
            let error = error(&format!("{start}{line}\n"));
            assert!(error.starts_with(wanted), "{line}: {error}");
        }
        assert_eq!(
            error("record v=STSv1\n"),
            "line 1: no domain stands before it"
        );
    }
}
