//! The command line.

use crate::{history, moment};
use mta_sts::{
    MaxAge, Mode, MxPattern, Policy, PolicyDomain, PublishHistory, PublishPlan, ReportUri,
    TlsRptRecord, propose_patterns,
};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const HELP: &str = "\
Plans what a domain publishes for MTA-STS (RFC 8461): the policy, its id, the DNS records, the order of steps and how
long to wait between them.

Usage: publish --domain DOMAIN --mx HOST... [OPTIONS]

Without any of them, but for --json, it shows a plan for a sample.

Options:
      --domain DOMAIN      the domain whose mail is protected
      --mode MODE          enforce, testing or none; testing if it is not given
      --max-age SECONDS    how long senders keep the policy; 1209600 (two weeks) if it is not given, 86400 for mode none
      --mx HOST            an MX host, or a pattern such as *.mx.example.net; several are separated by commas, or repeated
      --report URI         where TLS reports go: mailto:... or https:...; can be repeated
      --delegate PROVIDER  leave record and policy to this provider's domain, by a pair of CNAME records
      --ttl SECONDS        the TTL of the DNS records; 3600 if it is not given
      --first              nothing has been published before
      --history FILE       what has been served before: lines of when it was last served (2026-11-21T09:30:00Z, or
                           now) and its max_age. Without it the worst is assumed: a year
      --against PATH       show what differs from this: a folder as `audit` reads it, or a policy file
      --out FOLDER         write mta-sts.txt and zone.txt there
      --json               write one JSON object
  -h, --help               show this text

Exit code: 0, with --against only if nothing differs; 1 if something does; 2 for wrong use or a file that cannot be
read or written.
";

/// What is planned where nothing is asked.
const SAMPLE: &[&str] = &[
    "--domain=kestrel.net",
    "--mode=enforce",
    "--max-age=1209600",
    "--mx=mx1.kestrel.net,mx3.kestrel.net",
    "--report=mailto:tls-reports@kestrel.net",
];

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Publish(Box<Args>),
}

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) domain: PolicyDomain,
    pub(crate) policy: Policy,
    pub(crate) plan: PublishPlan,
    pub(crate) against: Option<PathBuf>,
    pub(crate) out: Option<PathBuf>,
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

/// The arguments as they stand there.
#[derive(Default)]
struct Given {
    domain: Option<String>,
    mode: Option<String>,
    max_age: Option<String>,
    mx: Vec<String>,
    report: Vec<String>,
    provider: Option<String>,
    ttl: Option<String>,
    is_first: bool,
    history: Option<PathBuf>,
    against: Option<PathBuf>,
    out: Option<PathBuf>,
    format: Format,
}

/// Reads the arguments, the name of the program not among them. The error is a complaint about them.
pub(crate) fn parse(args: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let utf8 = |arg: OsString| {
        arg.into_string()
            .map_err(|arg| format!("{arg:?} is not UTF-8"))
    };
    let mut args = args.map(utf8).collect::<Result<Vec<_>, _>>()?;
    if args.iter().any(|arg| arg == "-h" || arg == "--help") {
        return Ok(Command::Help);
    }
    let mut given = Given::default();
    if args.iter().all(|arg| arg == "--json") {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
        given.history = Some(samples.join("publish/history.txt"));
        given.against = Some(samples.join("audit/good"));
        args.extend(SAMPLE.iter().map(|&arg| arg.to_owned()));
    }
    read(args.into_iter(), &mut given)?;
    plan(given)
}

fn read(mut args: impl Iterator<Item = String>, given: &mut Given) -> Result<(), String> {
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--json" => given.format = Format::Json,
            "--first" => given.is_first = true,
            _ => {
                let (option, value) = match arg.split_once('=') {
                    Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
                    None => (arg, None),
                };
                let mut value = || {
                    let value = value.clone().or_else(|| args.next());
                    value.ok_or_else(|| format!("`{option}` wants a value"))
                };
                match option.as_str() {
                    "--domain" => given.domain = Some(value()?),
                    "--mode" => given.mode = Some(value()?),
                    "--max-age" => given.max_age = Some(value()?),
                    "--mx" => given.mx.extend(value()?.split(',').map(str::to_owned)),
                    "--report" => given.report.push(value()?),
                    "--delegate" => given.provider = Some(value()?),
                    "--ttl" => given.ttl = Some(value()?),
                    "--history" => given.history = Some(value()?.into()),
                    "--against" => given.against = Some(value()?.into()),
                    "--out" => given.out = Some(value()?.into()),
                    option => return Err(format!("there is no option `{option}`")),
                }
            }
        }
    }
    Ok(())
}

fn plan(given: Given) -> Result<Command, String> {
    let domain = given.domain.as_deref().ok_or("`--domain` is missing")?;
    let domain: PolicyDomain = domain
        .parse()
        .map_err(|error| bad("--domain", domain, error))?;
    let policy = policy(&given)?;
    let mut plan = PublishPlan::new(domain.clone(), policy.clone());
    if let Some(ttl) = &given.ttl {
        let secs: u32 = ttl
            .parse()
            .map_err(|_| bad("--ttl", ttl, "not a number of seconds"))?;
        plan = plan.ttl(Duration::from_secs(secs.into()));
    }
    if !given.report.is_empty() {
        let uris = given.report.iter().map(|uri| {
            let parsed: Result<ReportUri, _> = uri.parse();
            parsed.map_err(|error| bad("--report", uri, error))
        });
        let record = TlsRptRecord::new(uris.collect::<Result<Vec<_>, _>>()?);
        plan = plan.reporting(record.map_err(|error| error.to_string())?);
    }
    if let Some(provider) = &given.provider {
        let parsed: PolicyDomain = provider
            .parse()
            .map_err(|error| bad("--delegate", provider, error))?;
        if parsed == domain {
            return Err("`--delegate` wants another domain: a CNAME cannot lead to itself".into());
        }
        plan = plan.delegated_to(parsed);
    }
    if let Some(history) = history(&given)? {
        plan = plan.history(history);
    }
    Ok(Command::Publish(Box::new(Args {
        domain,
        policy,
        plan,
        against: given.against,
        out: given.out,
        format: given.format,
    })))
}

fn policy(given: &Given) -> Result<Policy, String> {
    let mode = match given.mode.as_deref() {
        None | Some("testing") => Mode::Testing,
        Some("enforce") => Mode::Enforce,
        Some("none") => Mode::None,
        Some(mode) => return Err(bad("--mode", mode, "neither enforce, testing nor none")),
    };
    let usual = if mode == Mode::None {
        86_400
    } else {
        1_209_600
    };
    let max_age = match &given.max_age {
        None => Ok(usual),
        Some(max_age) => max_age
            .parse()
            .map_err(|_| bad("--max-age", max_age, "not a number of seconds")),
    };
    let max_age = MaxAge::new(max_age?).map_err(|error| format!("{error:#}"))?;
    let mut builder = Policy::builder(mode, max_age);
    for host in &given.mx {
        for pattern in patterns(host).map_err(|error| bad("--mx", host, error))? {
            builder = builder.mx(pattern);
        }
    }
    builder
        .build()
        .map_err(|_| "`--mx` is missing: the policy must name the MX hosts".to_owned())
}

/// What is written as a wildcard is wanted as one; a host stands for itself.
fn patterns(host: &str) -> Result<Vec<MxPattern>, mta_sts::Error> {
    if host.starts_with("*.") {
        Ok(vec![host.parse()?])
    } else {
        propose_patterns([host])
    }
}

fn history(given: &Given) -> Result<Option<PublishHistory>, String> {
    match (&given.history, given.is_first) {
        (None, false) => Ok(None),
        (None, true) => Ok(Some(PublishHistory::new())),
        (Some(_), true) => Err("with `--first` there is no history".into()),
        (Some(path), false) => {
            let text = fs::read_to_string(path).map_err(|error| error.to_string());
            let history = text.and_then(|text| history::parse(&text, moment::now()));
            let history = history.map_err(|error| bad("--history", &path.display(), error));
            history.map(Some)
        }
    }
}

fn bad(
    option: &str,
    value: &(impl std::fmt::Display + ?Sized),
    error: impl std::fmt::Display,
) -> String {
    format!("`{option} {value}`: {error:#}")
}
