//! A folder of captured facts: see `README.md` beside this file.

use crate::zone::{Data, Record, Type, name};
use crate::{history, moment, response, tls, zone};
use mta_sts::{
    Deployment, DnsError, FetchError, MediaType, ParseOptions, Policy, PolicyDomain, PolicyId,
    PolicyRequest, PolicyResponse, PublishHistory, StsRecord, TxtAnswer, UnixTime,
};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

const FACTS: &str = "facts.txt";
const ZONE: &str = "zone.txt";
const RESPONSE: &str = "policy.response";
const POLICY: &str = "mta-sts.txt";
const TLS: &str = "tls.txt";
const HISTORY: &str = "history.txt";
const PREVIOUS: &str = "previous";

/// No file of facts comes near this.
const MAX_LEN: u64 = 16 << 20;
/// How far a chain of CNAME records is followed.
const MAX_CHAIN: usize = 8;

/// What stands in a folder.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) domain: PolicyDomain,
    /// When the facts were gathered.
    pub(crate) gathered: UnixTime,
    pub(crate) record: Option<Result<TxtAnswer, DnsError>>,
    pub(crate) tls_rpt: Option<Result<TxtAnswer, DnsError>>,
    pub(crate) policy: Option<Result<PolicyResponse, FetchError>>,
    pub(crate) hosts: Vec<tls::Host>,
    pub(crate) deployment: Deployment,
}

impl Folder {
    /// Reads a folder. `now` is the moment of facts that do not tell theirs.
    pub(crate) fn read(path: &Path, now: UnixTime) -> Result<Self, String> {
        let stated = Stated::read(path)?;
        let folder = path.file_name().unwrap_or_default().to_string_lossy();
        let domain = stated.domain.as_deref().unwrap_or(&folder);
        let domain: PolicyDomain = domain.parse().map_err(|error: mta_sts::Error| {
            format!("`{domain}` is no domain, {error:#}; `domain:` in {FACTS} tells which is meant")
        })?;
        let gathered = stated.gathered.unwrap_or(now);
        let records = zone_records(path)?;
        let policy = policy(path)?;
        let history = optional(path, HISTORY)?
            .map(|text| history::parse(&text, gathered).map_err(in_file(HISTORY)))
            .transpose()?;
        let hosts = optional(path, TLS)?
            .map(|text| tls::parse(&text).map_err(in_file(TLS)))
            .transpose()?;
        let previous = previous(&path.join(PREVIOUS), &domain)?;

        let (record, cname) = txt(&records, &domain.record_name());
        let tls_rpt = domain.tls_rpt_name();
        let tls_rpt = tls_rpt.and_then(|name| txt(&records, &name).0);
        let mut folder = Self {
            path: path.to_owned(),
            deployment: Deployment::new(domain.clone()),
            domain,
            gathered,
            record,
            tls_rpt,
            policy,
            hosts: hosts.unwrap_or_default(),
        };
        folder.deployment = folder.deployment(&records, cname, history, previous);
        Ok(folder)
    }

    fn deployment(
        &self,
        records: &[Record],
        cname: Option<String>,
        history: Option<PublishHistory>,
        previous: Option<(UnixTime, PolicyId, Policy)>,
    ) -> Deployment {
        let mut deployment = Deployment::new(self.domain.clone());
        if let Some(answer) = &self.record {
            deployment = deployment.record(answer.clone());
        }
        if let Some(target) = cname {
            deployment = deployment.record_cname(target);
        }
        for (name, answer) in elsewhere(records, &self.domain) {
            deployment = deployment.txt_at(name, answer);
        }
        if let Some(response) = &self.policy {
            deployment = deployment.policy(response.clone());
        }
        if let Some(answer) = mx(records, self.domain.as_str()) {
            deployment = deployment.mx(answer);
        }
        for host in &self.hosts {
            deployment = match host.outcome {
                Some(outcome) => deployment.host(&host.name, outcome),
                None => deployment.unreachable_host(&host.name),
            };
        }
        if let Some(answer) = &self.tls_rpt {
            deployment = deployment.tls_rpt(answer.clone());
        }
        if let Some(history) = history {
            deployment = deployment.history(history);
        }
        if let Some((taken_at, id, policy)) = previous {
            deployment = deployment.previous(taken_at, id, policy);
        }
        deployment
    }
}

/// The folder itself if it holds facts, or else those in it that do, in the order of their names.
pub(crate) fn find(path: &Path) -> Result<Vec<PathBuf>, String> {
    let holds_facts = |path: &Path| {
        let mut names = [FACTS, ZONE, RESPONSE, POLICY].into_iter();
        names.any(|name| path.join(name).is_file())
    };
    if holds_facts(path) {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| error.to_string())?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let paths: Result<Vec<_>, _> = paths.collect();
    let mut paths = paths.map_err(|error| error.to_string())?;
    paths.retain(|path| holds_facts(path));
    paths.sort();
    if paths.is_empty() {
        return Err(format!(
            "there is neither {FACTS}, {ZONE}, {RESPONSE} nor {POLICY}, nor a folder with one of them"
        ));
    }
    Ok(paths)
}

/// What `facts.txt` says.
#[derive(Default)]
struct Stated {
    domain: Option<String>,
    gathered: Option<UnixTime>,
}

impl Stated {
    fn read(path: &Path) -> Result<Self, String> {
        let text = optional(path, FACTS)?.unwrap_or_default();
        let mut stated = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match line.split_once(':').map(|(key, value)| (key, value.trim())) {
                _ if line.starts_with('#') => {}
                Some(("domain", domain)) => stated.domain = Some(domain.to_owned()),
                Some(("gathered", text)) => {
                    let moment = moment::parse(text);
                    let moment = moment.ok_or("write `gathered: 2026-11-21T09:30:00Z`");
                    stated.gathered = Some(moment.map_err(in_file(FACTS))?);
                }
                _ => return Err(in_file(FACTS)(format!("not a known fact: {line:.60?}"))),
            }
        }
        Ok(stated)
    }
}

fn in_file<E: std::fmt::Display>(name: &str) -> impl Fn(E) -> String {
    move |error| format!("{name}: {error}")
}

fn zone_records(path: &Path) -> Result<Vec<Record>, String> {
    let text = optional(path, ZONE)?.unwrap_or_default();
    zone::parse(&text).map_err(in_file(ZONE))
}

/// The response, or that of a server which does nothing wrong, if only the text is there.
fn policy(path: &Path) -> Result<Option<Result<PolicyResponse, FetchError>>, String> {
    if let Some(file) = bytes(path, RESPONSE)? {
        return response::parse(&file).map(Some).map_err(in_file(RESPONSE));
    }
    let text = bytes(path, POLICY)?;
    Ok(text.map(|text| Ok(PolicyResponse::new(200, Some("text/plain"), text))))
}

/// The earlier capture, if there is one that had a record and a policy.
fn previous(
    path: &Path,
    domain: &PolicyDomain,
) -> Result<Option<(UnixTime, PolicyId, Policy)>, String> {
    if !path.is_dir() {
        return Ok(None);
    }
    let read = || -> Result<_, String> {
        let gathered = Stated::read(path)?.gathered;
        let gathered = gathered.ok_or(format!("{FACTS} must say when this was `gathered`"))?;
        let record = match txt(&zone_records(path)?, &domain.record_name()).0 {
            Some(Ok(answer)) => StsRecord::select(&answer).unwrap_or_default(),
            Some(Err(_)) | None => None,
        };
        let policy = match policy(path)? {
            Some(Ok(response)) => {
                let request = PolicyRequest::new(domain.clone());
                let options = ParseOptions::strict();
                response
                    .policy(&request, MediaType::TextPlain, &options)
                    .ok()
            }
            Some(Err(_)) | None => None,
        };
        Ok(record
            .zip(policy)
            .map(|(record, policy)| (gathered, *record.id(), policy)))
    };
    read().map_err(in_file(PREVIOUS))
}

/// The end of the chain of CNAME records that begins at a name.
fn target(records: &[Record], owner: &str) -> String {
    let mut at = owner.to_owned();
    for _ in 0..MAX_CHAIN {
        let next = records.iter().find_map(|record| match &record.data {
            Data::Cname(target) if record.owner == at => Some(target.clone()),
            _ => None,
        });
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

/// The answer for TXT at a name, and where a CNAME led to.
fn txt(records: &[Record], owner: &str) -> (Option<Result<TxtAnswer, DnsError>>, Option<String>) {
    let at = target(records, owner);
    let mut answer: Option<Result<TxtAnswer, DnsError>> = None;
    for record in records.iter().filter(|record| record.owner == at) {
        match &record.data {
            Data::Txt(strings) => {
                if let Ok(answer) = answer.get_or_insert(Ok(TxtAnswer::new())) {
                    answer.push_record(strings);
                }
            }
            Data::Nothing(Type::Txt, error) => answer = Some(Err(*error)),
            Data::Nothing(Type::Mx, _) | Data::Mx(..) | Data::Cname(_) => {}
        }
    }
    (answer, (at != owner).then_some(at))
}

/// The TXT records at other names than those of this domain's records.
fn elsewhere(records: &[Record], domain: &PolicyDomain) -> Vec<(String, TxtAnswer)> {
    let own = [Some(domain.record_name()), domain.tls_rpt_name()];
    let own = own.map(|name| name.map(|name| target(records, &name)));
    let mut found: Vec<(String, TxtAnswer)> = Vec::new();
    for record in records {
        // That nothing is there has been seen too.
        let strings = match &record.data {
            Data::Txt(strings) => Some(strings),
            Data::Nothing(Type::Txt, error) if error.is_absence() => None,
            _ => continue,
        };
        if own.contains(&Some(record.owner.clone())) {
            continue;
        }
        let mut names = found.iter().map(|(name, _)| name);
        let at = names
            .position(|name| *name == record.owner)
            .unwrap_or_else(|| {
                found.push((record.owner.clone(), TxtAnswer::new()));
                found.len() - 1
            });
        if let Some(strings) = strings {
            found[at].1.push_record(strings);
        }
    }
    found
}

/// The MX hosts in the order of their preference.
fn mx(records: &[Record], owner: &str) -> Option<Result<Vec<String>, DnsError>> {
    let mut hosts = Vec::new();
    for record in records.iter().filter(|record| record.owner == name(owner)) {
        match &record.data {
            Data::Mx(preference, host) => hosts.push((*preference, host.clone())),
            Data::Nothing(Type::Mx, error) => return Some(Err(*error)),
            Data::Nothing(Type::Txt, _) | Data::Txt(_) | Data::Cname(_) => {}
        }
    }
    hosts.sort_by_key(|(preference, _)| *preference);
    let hosts: Vec<_> = hosts.into_iter().map(|(_, host)| host).collect();
    (!hosts.is_empty()).then_some(Ok(hosts))
}

/// A file of text, if it is there.
fn optional(folder: &Path, name: &str) -> Result<Option<String>, String> {
    let Some(bytes) = bytes(folder, name)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|_| in_file(name)("it is not UTF-8"))?;
    Ok(Some(text))
}

fn bytes(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, String> {
    let mut bytes = Vec::new();
    let file = match File::open(folder.join(name)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(in_file(name))?,
    };
    let read = file.take(MAX_LEN).read_to_end(&mut bytes);
    read.map_err(in_file(name))?;
    Ok(Some(bytes))
}
