//! A folder of captured facts: see `README.md` beside this file.

use crate::earlier::{
    FACTS, POLICY, RESPONSE, Stated, ZONE, in_file, optional, policy, previous, target, txt,
    zone_records,
};
use crate::zone::{Data, Record, Type, name};
use crate::{history, tls};
use mta_sts::{
    Deployment, DnsError, FetchError, Policy, PolicyDomain, PolicyId, PolicyResponse,
    PublishHistory, TxtAnswer, UnixTime,
};
use std::fs;
use std::path::{Path, PathBuf};

const TLS: &str = "tls.txt";
const HISTORY: &str = "history.txt";
const PREVIOUS: &str = "previous";

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
        let previous = previous(&path.join(PREVIOUS), &domain).map_err(in_file(PREVIOUS))?;

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
