//! What is known of a deployment, in the form that the parts shared with the example `audit` read; and as a folder that it reads.

use crate::earlier::{FACTS, POLICY, RESPONSE, ZONE};
use crate::facts::Facts;
use crate::tls;
use crate::zone_text;
use mta_sts::{
    Deployment, DnsError, FetchError, Policy, PolicyDomain, PolicyId, PolicyResponse, TxtAnswer,
    UnixTime,
};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What is shown in place of a path, if nothing is saved.
const NOT_SAVED: &str = "DNS, HTTPS and SMTP";

#[derive(Debug)]
pub(crate) struct Folder {
    /// Where it is saved, or else where the facts are from.
    pub(crate) path: PathBuf,
    pub(crate) domain: PolicyDomain,
    pub(crate) gathered: UnixTime,
    pub(crate) record: Option<Result<TxtAnswer, DnsError>>,
    pub(crate) tls_rpt: Option<Result<TxtAnswer, DnsError>>,
    pub(crate) policy: Option<Result<PolicyResponse, FetchError>>,
    pub(crate) hosts: Vec<tls::Host>,
    pub(crate) deployment: Deployment,
}

impl Folder {
    pub(crate) fn new(
        facts: &Facts,
        path: Option<PathBuf>,
        previous: Option<(UnixTime, PolicyId, Policy)>,
    ) -> Self {
        let mut deployment = deployment(facts);
        if let Some((taken_at, id, policy)) = previous {
            deployment = deployment.previous(taken_at, id, policy);
        }
        Self {
            path: path.unwrap_or_else(|| NOT_SAVED.into()),
            domain: facts.domain.clone(),
            gathered: facts.gathered,
            record: Some(facts.record.clone()),
            tls_rpt: facts.tls_rpt.clone(),
            policy: Some(facts.policy.clone()),
            hosts: facts.hosts.clone(),
            deployment,
        }
    }
}

fn deployment(facts: &Facts) -> Deployment {
    let hosts = facts.mx.as_ref().map_err(|error| *error);
    let hosts = hosts.map(|mx| mx.iter().map(|mx| mx.host.as_str()));
    let mut deployment = Deployment::new(facts.domain.clone())
        .record(facts.record.clone())
        .policy(facts.policy.clone())
        .mx(hosts);
    if let Some(target) = &facts.record_alias {
        deployment = deployment.record_cname(target);
    }
    for (name, answer) in &facts.elsewhere {
        match answer {
            Ok(answer) => deployment = deployment.txt_at(name, answer.clone()),
            Err(error) if error.is_absence() => {
                deployment = deployment.txt_at(name, TxtAnswer::new());
            }
            Err(_) => {}
        }
    }
    for host in &facts.hosts {
        deployment = match host.outcome {
            Some(outcome) => deployment.host(&host.name, outcome),
            None => deployment.unreachable_host(&host.name),
        };
    }
    match &facts.tls_rpt {
        Some(answer) => deployment.tls_rpt(answer.clone()),
        None => deployment,
    }
}

/// Writes the facts into a folder, over those that are there, and beside them those of an earlier folder. What else is there, such as `history.txt`, stays.
pub(crate) fn save(facts: &Facts, folder: &Path, previous: Option<&Path>) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    if let Some(previous) = previous {
        keep(previous, &folder.join("previous"))?;
    }
    let write = |name, text: &[u8]| fs::write(folder.join(name), text);
    let stated = format!("domain: {}\ngathered: {}\n", facts.domain, facts.gathered);
    write(FACTS, stated.as_bytes())?;
    write(ZONE, zone_text::text(facts).as_bytes())?;
    write(RESPONSE, &response(&facts.policy))?;
    let hosts = facts.hosts.iter();
    let hosts: String = hosts
        .flat_map(|host| [host.to_string(), "\n".to_owned()])
        .collect();
    write("tls.txt", hosts.as_bytes())
}

/// Copies what is told of a deployment at an earlier time.
fn keep(previous: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for name in [FACTS, ZONE, RESPONSE, POLICY] {
        // Nothing of a time before that may stay.
        match fs::copy(previous.join(name), to.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::remove_file(to.join(name)).ok();
            }
            copied => drop(copied?),
        }
    }
    Ok(())
}

/// The response, or the code of why there is none.
fn response(policy: &Result<PolicyResponse, FetchError>) -> Vec<u8> {
    let response = match policy {
        Ok(response) => response,
        Err(error) => return format!("{}\n", error.code()).into_bytes(),
    };
    let media_type = response.content_type();
    let media_type = media_type.map(|it| format!("content-type: {it}\r\n"));
    let media_type = media_type.unwrap_or_default();
    let head = format!("HTTP/1.1 {}\r\n{media_type}\r\n", response.status());
    let mut octets = head.into_bytes();
    octets.extend_from_slice(response.body());
    octets
}
