//! Parts of a folder of captured facts, and what an earlier folder of the same kind tells: see `README.md` beside this file.

use crate::zone::{Data, Record, Type};
use crate::{moment, response, zone};
use mta_sts::{
    DnsError, FetchError, MediaType, ParseOptions, Policy, PolicyDomain, PolicyId, PolicyRequest,
    PolicyResponse, StsRecord, TxtAnswer, UnixTime,
};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

pub(crate) const FACTS: &str = "facts.txt";
pub(crate) const ZONE: &str = "zone.txt";
pub(crate) const RESPONSE: &str = "policy.response";
pub(crate) const POLICY: &str = "mta-sts.txt";

/// No file of facts comes near this.
const MAX_LEN: u64 = 16 << 20;
/// How far a chain of CNAME records is followed.
const MAX_CHAIN: usize = 8;

/// What `facts.txt` says.
#[derive(Default)]
pub(crate) struct Stated {
    pub(crate) domain: Option<String>,
    pub(crate) gathered: Option<UnixTime>,
}

impl Stated {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
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

pub(crate) fn in_file<E: std::fmt::Display>(name: &str) -> impl Fn(E) -> String {
    move |error| format!("{name}: {error}")
}

pub(crate) fn zone_records(path: &Path) -> Result<Vec<Record>, String> {
    let text = optional(path, ZONE)?.unwrap_or_default();
    zone::parse(&text).map_err(in_file(ZONE))
}

/// The response, or that of a server which does nothing wrong, if only the text is there.
pub(crate) fn policy(path: &Path) -> Result<Option<Result<PolicyResponse, FetchError>>, String> {
    if let Some(file) = bytes(path, RESPONSE)? {
        return response::parse(&file).map(Some).map_err(in_file(RESPONSE));
    }
    let text = bytes(path, POLICY)?;
    Ok(text.map(|text| Ok(PolicyResponse::new(200, Some("text/plain"), text))))
}

/// The earlier capture, if there is one that had a record and a policy.
pub(crate) fn previous(
    path: &Path,
    domain: &PolicyDomain,
) -> Result<Option<(UnixTime, PolicyId, Policy)>, String> {
    if !path.is_dir() {
        return Ok(None);
    }
    let stated = Stated::read(path)?;
    let is_other = |stated: &String| stated.parse().as_ref() != Ok(domain);
    if let Some(other) = stated.domain.filter(is_other) {
        return Err(format!("it is about another domain: {other:.60?}"));
    }
    let gathered = stated.gathered;
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
}

/// The end of the chain of CNAME records that begins at a name.
pub(crate) fn target(records: &[Record], owner: &str) -> String {
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
pub(crate) fn txt(
    records: &[Record],
    owner: &str,
) -> (Option<Result<TxtAnswer, DnsError>>, Option<String>) {
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

/// A file of text, if it is there.
pub(crate) fn optional(folder: &Path, name: &str) -> Result<Option<String>, String> {
    let Some(bytes) = bytes(folder, name)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|_| in_file(name)("it is not UTF-8"))?;
    Ok(Some(text))
}

pub(crate) fn bytes(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, String> {
    let mut bytes = Vec::new();
    let file = match File::open(folder.join(name)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(in_file(name))?,
    };
    let read = file.take(MAX_LEN).read_to_end(&mut bytes);
    read.map_err(in_file(name))?;
    Ok(Some(bytes))
}
