//! What is published already, held against the plan.

use crate::args::Args;
use crate::response;
use crate::zone::{self, Data, Record};
use mta_sts::{Policy, StsRecord, TlsRptRecord};
use similar::TextDiff;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What stands there now.
#[derive(Default)]
struct Published {
    policy: Vec<u8>,
    /// `None`: nothing is known of it.
    zone: Option<Vec<Record>>,
}

/// What has to change.
pub(crate) struct Changes {
    /// The lines of a unified diff of the policies; none if they are the same.
    pub(crate) policy: Vec<String>,
    /// The same for the DNS records of this plan.
    pub(crate) zone: Vec<String>,
    /// Whether the only change is that of the id.
    pub(crate) is_only_the_id: bool,
}

impl Changes {
    pub(crate) fn new(path: &Path, args: &Args) -> Result<Self, String> {
        let published = read(path)?;
        let old = String::from_utf8_lossy(&published.policy);
        let policy = diff("policy", &with_lf(&old), &with_lf(&args.plan.policy_text()));
        let Some(records) = published.zone else {
            return Ok(Self {
                policy,
                zone: Vec::new(),
                is_only_the_id: false,
            });
        };
        let planned = zone::parse(&args.plan.zone_lines().join("\n"))?;
        // Of other names, such as an address of the Policy Host, the plan says nothing.
        let own = planned.iter().map(|record| record.owner.clone());
        let own: Vec<_> = own.chain([args.domain.record_name()]).collect();
        let mut records = records;
        records.retain(|record| own.contains(&record.owner));
        let is_only_the_id = Policy::parse(&published.policy).as_ref() == Ok(&args.policy)
            && records.iter().any(is_valid_record);
        Ok(Self {
            policy,
            zone: diff("zone", &lines(&records), &lines(&planned)),
            is_only_the_id,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.policy.is_empty() && self.zone.is_empty()
    }
}

fn read(path: &Path) -> Result<Published, String> {
    if !path.is_dir() {
        let policy = fs::read(path).map_err(|error| error.to_string())?;
        return Ok(Published { policy, zone: None });
    }
    let mut published = Published::default();
    if let Some(zone) = optional(&path.join("zone.txt"))? {
        let zone = String::from_utf8_lossy(&zone);
        let zone = zone::parse(&zone).map_err(|error| format!("zone.txt: {error}"))?;
        published.zone = Some(zone);
    }
    if let Some(file) = optional(&path.join("policy.response"))? {
        let response = response::parse(&file);
        let response = response.map_err(|error| format!("policy.response: {error}"))?;
        published.policy = response.map_or(Vec::new(), |response| response.body().to_vec());
    } else if let Some(policy) = optional(&path.join("mta-sts.txt"))? {
        published.policy = policy;
    }
    Ok(published)
}

fn optional(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        bytes => bytes
            .map(Some)
            .map_err(|error| format!("{}: {error}", path.display())),
    }
}

fn is_valid_record(record: &Record) -> bool {
    match &record.data {
        Data::Txt(strings) => StsRecord::parse(&strings.concat()).is_ok(),
        Data::Mx(..) | Data::Cname(_) | Data::Nothing(..) => false,
    }
}

/// A valid record as this crate writes it, in strings that are full.
fn canonical(record: &Record) -> String {
    let Data::Txt(strings) = &record.data else {
        return format!("{record}\n");
    };
    let text = strings.concat();
    let sts = StsRecord::parse(&text).map(|record| record.to_string());
    let text = sts.or_else(|_| TlsRptRecord::parse(&text).map(|record| record.to_string()));
    let Ok(text) = text else {
        return format!("{record}\n");
    };
    let strings = text.as_bytes().chunks(255).map(<[u8]>::to_vec);
    let record = Record {
        owner: record.owner.clone(),
        data: Data::Txt(strings.collect()),
    };
    format!("{record}\n")
}

/// Line ends are of no matter for what a policy says.
fn with_lf(text: &str) -> String {
    text.lines().flat_map(|line| [line, "\n"]).collect()
}

/// In one order and one form, whatever they were written like.
fn lines(records: &[Record]) -> String {
    let mut lines: Vec<_> = records.iter().map(canonical).collect();
    lines.sort();
    lines.concat()
}

/// What strangers published is shown on a terminal.
fn printable(line: &str) -> String {
    let visible = |char: char| if char.is_control() { '\u{fffd}' } else { char };
    line.trim_end().chars().map(visible).collect()
}

fn diff(what: &str, old: &str, new: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(old, new);
    let mut unified = diff.unified_diff();
    let (old, new) = (format!("{what}, published"), format!("{what}, planned"));
    let text = unified.header(&old, &new).to_string();
    text.lines().map(printable).collect()
}
