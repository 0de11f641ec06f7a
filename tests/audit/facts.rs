//! The facts of a row: those of a deployment in which all is well, but for what the row says. See `README.md`.

use mta_sts::{
    AuditOptions, Deployment, DnsError, FetchError, MaxAge, Policy, PolicyResponse, PublishHistory,
    TlsFailure, TlsOutcome, TlsVerdict, TxtAnswer, UnixTime,
};
use std::collections::BTreeMap;
use std::time::Duration;

/// 2026-11-21T09:30:00Z.
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_253_400);
const DAY: u64 = 86_400;

/// What a row begins with.
const WELL: &[&str] = &[
    "domain: kestrel.net",
    "record: v=STSv1; id=20261101;",
    "policy: enforce 2592000 mx1.kestrel.net",
    "status: 200",
    "type: text/plain",
    "mx: mx1.kestrel.net",
    "tls: mx1.kestrel.net valid",
    "tls-rpt: v=TLSRPTv1; rua=mailto:tls@kestrel.net",
    "previous: 10 20261101 enforce 2592000 mx1.kestrel.net",
    "suffixes: net com co.uk",
    "testing-limit: 90",
];

/// All values of each key.
pub(crate) struct Facts(BTreeMap<String, Vec<String>>);

impl Facts {
    /// The first line of a key takes the place of what the facts begin with.
    pub(crate) fn new<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let read = |lines: &mut dyn Iterator<Item = &'a str>| {
            let mut facts: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for line in lines {
                let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("{line}"));
                let values = facts.entry(key.to_owned()).or_default();
                let value = value
                    .replace("\\u{1b}", "\u{1b}")
                    .replace("\\u{7}", "\u{7}");
                values.push(value.trim_matches(' ').to_owned());
            }
            facts
        };
        let mut facts = read(&mut WELL.iter().copied());
        let own = read(&mut lines.into_iter());
        let keys = "domain record cname at policy body status type mx tls tls-rpt previous history suffixes testing-limit";
        for key in own.keys() {
            assert!(keys.split(' ').any(|known| known == key), "{key}");
        }
        facts.extend(own);
        Self(facts)
    }

    fn all(&self, key: &str) -> &[String] {
        let values = self.0.get(key).map_or(&[][..], Vec::as_slice);
        if values == ["-"] { &[] } else { values }
    }

    fn one(&self, key: &str) -> Option<&str> {
        self.all(key).first().map(String::as_str)
    }

    fn words(&self, key: &str) -> Option<Vec<&str>> {
        self.one(key)
            .map(|value| value.split_whitespace().collect())
    }

    pub(crate) fn deployment(&self) -> Deployment {
        let domain = self.one("domain").unwrap();
        let mut deployment = Deployment::new(domain.parse().unwrap());
        if let Some(answer) = self.answer("record") {
            deployment = deployment.record(answer);
        }
        if let Some(target) = self.one("cname") {
            deployment = deployment.record_cname(target);
        }
        for value in self.all("at") {
            let (name, text) = value.split_once(' ').unwrap();
            deployment = deployment.txt_at(name, TxtAnswer::from_iter([[text]]));
        }
        if let Some(response) = self.response() {
            deployment = deployment.policy(response);
        }
        if let Some(value) = self.one("mx") {
            deployment = deployment.mx(match value.strip_prefix('!') {
                Some(code) => Err(dns_error(code)),
                None => Ok(value.split_whitespace()),
            });
        }
        for value in self.all("tls") {
            let (host, outcome) = value.split_once(' ').unwrap();
            deployment = match outcome {
                "unreachable" => deployment.unreachable_host(host),
                _ => deployment.host(host, self::outcome(outcome)),
            };
        }
        if let Some(answer) = self.answer("tls-rpt") {
            deployment = deployment.tls_rpt(answer);
        }
        if let Some(words) = self.words("history") {
            let mut history = PublishHistory::new();
            for pair in words.chunks(2) {
                let max_age = MaxAge::new(pair[1].parse().unwrap()).unwrap();
                history = history.served(max_age, days_ago(pair[0]));
            }
            deployment = deployment.history(history);
        }
        if let Some(words) = self.words("previous") {
            let policy = Policy::parse(policy(&words[2..]).as_bytes()).unwrap();
            deployment = deployment.previous(days_ago(words[0]), words[1].parse().unwrap(), policy);
        }
        deployment
    }

    /// With a test of public suffixes, unless there is none.
    pub(crate) fn options<'a>(&self, test: &'a dyn Fn(&str) -> bool) -> AuditOptions<'a> {
        let days: u64 = self.one("testing-limit").unwrap().parse().unwrap();
        let options = AuditOptions::new(NOW).testing_limit(Duration::from_secs(days * DAY));
        match self.one("suffixes") {
            Some(_) => options.public_suffix(test),
            None => options,
        }
    }

    pub(crate) fn is_public_suffix(&self, name: &str) -> bool {
        self.words("suffixes").unwrap().contains(&name)
    }

    fn answer(&self, key: &str) -> Option<Result<TxtAnswer, DnsError>> {
        match self.all(key) {
            [] => None,
            [value] if value.is_empty() => Some(Ok(TxtAnswer::new())),
            [value] if value.starts_with('!') => Some(Err(dns_error(&value[1..]))),
            records => Some(Ok(records.iter().map(|record| [record]).collect())),
        }
    }

    fn response(&self) -> Option<Result<PolicyResponse, FetchError>> {
        let value = self.one("policy")?;
        if let Some(code) = value.strip_prefix('!') {
            return Some(Err(fetch_error(code)));
        }
        let body = match self.one("body") {
            Some("too large") => "x".repeat(65_537),
            Some(body) => body.replace(" / ", "\n"),
            None => policy(&value.split(' ').collect::<Vec<_>>()),
        };
        let status = self.one("status").unwrap().parse().unwrap();
        Some(Ok(PolicyResponse::new(
            status,
            self.one("type"),
            body.into_bytes(),
        )))
    }
}

/// The text of a policy: mode, `max_age`, patterns.
fn policy(words: &[&str]) -> String {
    let mx: String = words[2..]
        .iter()
        .flat_map(|mx| ["mx: ", mx, "\n"])
        .collect();
    format!(
        "version: STSv1\nmode: {}\n{mx}max_age: {}\n",
        words[0], words[1]
    )
}

fn days_ago(days: &str) -> UnixTime {
    NOW.saturating_sub(Duration::from_secs(days.parse::<u64>().unwrap() * DAY))
}

fn outcome(text: &str) -> TlsOutcome {
    let failure = |code: &str| {
        let mut all = TlsFailure::ALL.iter().copied();
        all.find(|failure| failure.code() == code)
            .unwrap_or_else(|| panic!("{code}"))
    };
    let established = |pkix| TlsOutcome::Established {
        pkix,
        dane: TlsVerdict::NotChecked,
    };
    match text.split_once(' ') {
        Some(("refused", reply)) => TlsOutcome::Refused(reply.parse().unwrap()),
        Some(("certificate", code)) => established(TlsVerdict::Failed(failure(code))),
        Some(_) => panic!("{text}"),
        None => match text {
            "valid" => established(TlsVerdict::Passed),
            "certificate-not-checked" => established(TlsVerdict::NotChecked),
            "not-offered" => TlsOutcome::NotOffered,
            code => TlsOutcome::Failed(failure(code)),
        },
    }
}

const DNS_ERRORS: &[DnsError] = &[
    DnsError::NoSuchDomain,
    DnsError::NoData,
    DnsError::ServerFailure,
    DnsError::Bogus,
    DnsError::Timeout,
    DnsError::Other,
];

fn dns_error(code: &str) -> DnsError {
    let mut all = DNS_ERRORS.iter().copied();
    all.find(|error| error.code() == code)
        .unwrap_or_else(|| panic!("{code}"))
}

fn fetch_error(code: &str) -> FetchError {
    let others = [
        FetchError::Connect,
        FetchError::Timeout,
        FetchError::Truncated,
        FetchError::TooLarge,
        FetchError::Refused,
        FetchError::Other,
    ];
    let dns = DNS_ERRORS.iter().copied().map(FetchError::Dns);
    let tls = TlsFailure::ALL.iter().copied().map(FetchError::Tls);
    let mut all = others.into_iter().chain(dns).chain(tls);
    all.find(|error| error.code() == code)
        .unwrap_or_else(|| panic!("{code}"))
}
