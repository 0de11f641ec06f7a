//! All that was read, and what was not.

use super::inputs::Raw;
use super::mail;
use super::trouble::Trouble;
use crate::Told;
use crate::text::count;
use mta_sts::{DeviationKind, ReadReport, Summary};
use std::collections::{BTreeMap, BTreeSet};

/// How many reporters are named of those that deviate in the same way.
const NAMED: usize = 1_000;

/// The sum of all reports, and what is to be said about the mails.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) summary: Summary,
    pub(crate) told: Vec<Told>,
    /// The mail and the part of each of [`told`](Self::told).
    pub(crate) places: Vec<(Option<usize>, Option<String>)>,
    pub(crate) deviating: BTreeMap<DeviationKind, Deviating>,
    pub(crate) mails: u64,
    pub(crate) without_report: u64,
    /// How many mails with reports have no signature of DKIM at all.
    pub(crate) without_signature: u64,
    /// How many things should be reports, and are none.
    pub(crate) refused: u64,
    lists_deviations: bool,
}

/// In how many reports something is not as RFC 8460 wants it, whose, and where for instance.
#[derive(Default)]
pub(crate) struct Deviating {
    pub(crate) reports: u64,
    pub(crate) reporters: BTreeSet<String>,
    pub(crate) path: String,
}

impl Reading {
    pub(super) fn new(lists_deviations: bool) -> Self {
        Self {
            lists_deviations,
            ..Self::default()
        }
    }

    /// Reads a mail. What is to be said about it comes back, each with its place.
    pub(super) fn add(&mut self, file: &str, raw: &Raw) -> Vec<(String, &Trouble)> {
        let before = self.told.len();
        let mail = mail::read(&raw.octets, &mut |(part, found)| {
            let part = Some(part).filter(|part| !part.is_empty());
            match found {
                Ok(read) => self.count(file, raw.number, part, &read),
                Err(trouble) => self.refuse(file, raw.number, part, trouble),
            }
        });
        match mail {
            Err(trouble) => {
                self.mails += 1;
                self.refuse(file, raw.number, None, trouble);
            }
            Ok(mail) => {
                self.mails += u64::from(!mail.is_bare);
                self.without_signature += u64::from(!mail.is_bare && !mail.is_signed);
            }
        }
        let told = self.told[before..].iter();
        told.filter_map(|told| Some((told.file.clone(), told.error.as_ref()?)))
            .collect()
    }

    fn count(&mut self, file: &str, mail: Option<usize>, part: Option<String>, read: &ReadReport) {
        let is_new = self.summary.add(read.report());
        if is_new {
            self.add_deviations(read);
        }
        if self.lists_deviations && !read.deviations().is_empty() {
            self.tell(file, mail, part, |file| Told {
                file,
                deviations: read.deviations().to_vec(),
                more: read.deviation_count() - read.deviations().len(),
                error: None,
            });
        }
    }

    fn add_deviations(&mut self, read: &ReadReport) {
        let reporter = read.report().organization_name().unwrap_or("(not named)");
        let mut kinds = BTreeSet::new();
        for found in read.deviations() {
            if !kinds.insert(found.kind()) {
                continue;
            }
            let row = self.deviating.entry(found.kind()).or_default();
            row.reports += 1;
            if row.path.is_empty() {
                found.path().clone_into(&mut row.path);
            }
            if row.reporters.len() < NAMED {
                row.reporters.insert(reporter.chars().take(255).collect());
            }
        }
    }

    fn refuse(&mut self, file: &str, mail: Option<usize>, part: Option<String>, trouble: Trouble) {
        if trouble.is_note() {
            self.without_report += 1;
        } else {
            self.refused += 1;
        }
        self.tell(file, mail, part, |file| Told {
            file,
            deviations: Vec::new(),
            more: 0,
            error: Some(trouble),
        });
    }

    fn tell(
        &mut self,
        file: &str,
        mail: Option<usize>,
        part: Option<String>,
        told: impl FnOnce(String) -> Told,
    ) {
        let mail_number = mail.map(|number| format!(", mail {number}"));
        let part_number = part.as_ref().map(|number| format!(", part {number}"));
        let numbers = mail_number.into_iter().chain(part_number);
        let place = [file.to_owned()].into_iter().chain(numbers);
        self.told.push(told(place.collect()));
        self.places.push((mail, part));
    }

    /// What stands behind the number of reports.
    pub(crate) fn remark(&self) -> String {
        let mails = count(self.mails, "mail");
        let without = match self.without_report {
            0 => String::new(),
            number => format!(", {number} of them without a report"),
        };
        let refused = match self.refused {
            0 => String::new(),
            number => format!("; {} not readable", count(number, "thing")),
        };
        format!("; {mails} read{without}{refused}")
    }

    /// What is to be said about signatures.
    pub(crate) fn trust(&self) -> String {
        let without = match self.without_signature {
            0 => String::new(),
            1 => " 1 mail with a report has no signature at all.".to_owned(),
            number => format!(" {number} mails with reports have no signature at all."),
        };
        format!(
            "DKIM signatures were not checked: reports in mails without a valid one must be ignored (RFC 8460 §3). \
             That is for your mail server to see to.{without}"
        )
    }
}
