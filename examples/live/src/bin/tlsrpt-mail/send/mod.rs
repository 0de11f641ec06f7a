//! Sends the reports of a day.

mod message;
mod retry;
mod sessions;

use crate::args::Send;
use crate::say::complain;
use hyper::body::Bytes;
use live::network::{Validation, now};
use live::poster::ReportPoster;
use live::resolver::HickoryResolver;
use live::verify::PkixVerifier;
use mta_sts::{
    Domain, DomainReport, ReportEncoding, ReportScheme, ReportUri, Resolver, Submission, Summary,
    TlsRptRecord, TlsVerdict, UtcDay,
};
use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::sync::Arc;
use tokio::runtime::Runtime;

const SENT: u8 = 0;
/// A report has gone no way.
const UNSENT: u8 = 1;

/// The error is a complaint about what is in the way.
pub(crate) fn run(args: &Send) -> Result<u8, String> {
    let aggregate = sessions::counted(&args.sessions)?;
    // What was counted makes the id: a report that is sent again is seen to be the same, and those of several machines are not.
    let counted = serde_json::to_string(&aggregate).map_err(|error| error.to_string())?;
    let unique = hash(&counted);
    let id = |domain: &Domain, day: UtcDay| format!("{day}.{unique:016x}.{domain}");
    let reports = aggregate.into_reports(&args.organization, &args.contact, id);
    let reports = reports.collect::<Result<Vec<_>, _>>();
    let reports = reports.map_err(|error| format!("the reports cannot be written: {error}"))?;
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(send_all(args, &reports))
}

/// A hash that does not change from run to run.
fn hash(text: &str) -> u64 {
    let mut hash = DefaultHasher::new();
    text.hash(&mut hash);
    hash.finish()
}

/// A line about what is done. If standard output is closed, nobody waits for it.
fn tell(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// What sends.
struct Sender<'a>(&'a Send);

async fn send_all(args: &Send, reports: &[DomainReport]) -> Result<u8, String> {
    let sender = Sender(args);
    // The same each day, so that reports come a day one after the other.
    let seed = hash(&args.organization);
    let mut status = SENT;
    for report in reports {
        if !sender.send(report, seed).await? {
            status = UNSENT;
        }
    }
    Ok(status)
}

impl Sender<'_> {
    /// Sends a report wherever its domain wants it; whether it has gone at least one way.
    async fn send(&self, report: &DomainReport, seed: u64) -> Result<bool, String> {
        let (domain, day) = (report.domain(), report.day());
        let content = report.report();
        let unwritable = |error| format!("the report for {domain} cannot be written: {error}");
        let submission = content.submission(domain).map_err(unwritable)?;
        let due = day.end().saturating_add(submission.delay(seed));
        tell(format_args!(
            "{domain}, {day}: {} sessions, {} of them failed; to be sent from {due} on",
            content.successful_sessions() + content.failed_sessions(),
            content.failed_sessions()
        ));
        let record = match &self.0.record {
            Some(record) => TlsRptRecord::parse(record.as_bytes())
                .map_err(|error| format!("the record cannot be used: {error}")),
            None => look_up(domain, &self.resolver()?).await,
        };
        let addresses = match record {
            Ok(record) => distinct(record.rua()),
            Err(why) => {
                complain(&format_args!("{domain}: {why}"));
                return Ok(false);
            }
        };
        let (encoding, octets) = if self.0.plain {
            let text = content.to_json().map_err(unwritable)?;
            (ReportEncoding::Json, text.into_bytes())
        } else {
            (ReportEncoding::Gzip, content.to_gzip().map_err(unwritable)?)
        };
        let mut is_sent = false;
        let mailboxes: Vec<_> = addresses.iter().filter_map(ReportUri::mailbox).collect();
        if !mailboxes.is_empty() {
            let mut summary = Summary::new();
            summary.add(content);
            let to = mailboxes.iter().map(|mailbox| &**mailbox).collect();
            let contact = &self.0.contact;
            let report = (encoding, &*octets);
            let mail = message::mail(&submission, contact, to, report, &summary, now())
                .map_err(|error| error.to_string())?;
            self.write(&submission, encoding, &mail)?;
            is_sent = true;
        }
        let octets = Bytes::from(octets);
        let is_https = |to: &&ReportUri| to.scheme() == ReportScheme::Https;
        for to in addresses.iter().filter(is_https) {
            is_sent |= self.post(&self.poster()?, to, encoding, &octets).await;
        }
        if !is_sent {
            complain(&format_args!("{domain}: the report has gone no way"));
        }
        Ok(is_sent)
    }

    fn resolver(&self) -> Result<HickoryResolver, String> {
        self.0.hosts.resolver(Validation::Upstream)
    }

    fn poster(&self) -> Result<ReportPoster, String> {
        let hosts = &self.0.hosts;
        let pkix = PkixVerifier::new(hosts.authorities()?);
        let pkix = pkix.map_err(|error| format!("cannot set up TLS: {error}"))?;
        let poster = ReportPoster::new(self.resolver()?, Arc::new(pkix), hosts.timeout());
        Ok(poster.with_reach(hosts.reach()))
    }

    /// Puts the mail where the mailer finds it.
    fn write(
        &self,
        submission: &Submission,
        encoding: ReportEncoding,
        mail: &[u8],
    ) -> Result<(), String> {
        let folder = &self.0.out;
        let path = folder.join(format!("{}.eml", submission.file_name(encoding)));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, mail))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        tell(format_args!(
            "  {}: to be signed with DKIM by {}, and delivered whatever MTA-STS and DANE say",
            path.display(),
            submission.submitter()
        ));
        Ok(())
    }

    /// Posts a report, as often as the command line says; whether it was accepted.
    async fn post(
        &self,
        poster: &ReportPoster,
        to: &ReportUri,
        encoding: ReportEncoding,
        report: &Bytes,
    ) -> bool {
        let mut pauses = retry::pauses(self.0.first_pause(), self.0.retry_time());
        loop {
            let answer = poster.post(to, encoding, report.clone()).await;
            let (trouble, may_pass) = match answer {
                Ok(receipt) => {
                    if let TlsVerdict::Failed(failure) = receipt.certificate {
                        // Which RFC 8460 §3 allows.
                        complain(&format_args!(
                            "{}: {failure}; posted all the same",
                            to.as_str()
                        ));
                    }
                    if receipt.is_delivered() {
                        tell(format_args!("  {}: {}", to.as_str(), receipt.status));
                        return true;
                    }
                    (receipt.status.to_string(), receipt.may_pass())
                }
                Err(error) => (error.to_string(), true),
            };
            let pause = pauses.next().filter(|_| may_pass);
            let Some(pause) = pause else {
                complain(&format_args!("{}: {trouble}", to.as_str()));
                return false;
            };
            let seconds = pause.as_secs();
            complain(&format_args!(
                "{}: {trouble}; again in {seconds} s",
                to.as_str()
            ));
            tokio::time::sleep(pause).await;
        }
    }
}

/// Where a domain wants its reports.
async fn look_up(domain: &Domain, resolver: &HickoryResolver) -> Result<TlsRptRecord, String> {
    let name = domain.tls_rpt_name().ok_or("it is too long for a record")?;
    // A resolver takes absolute names.
    let answer = resolver.txt(&format!("{name}.")).await;
    let answer = answer.map_err(|error| format!("no answer for {name}: {error}"))?;
    let record = TlsRptRecord::select(&answer)
        .map_err(|error| format!("the record at {name} cannot be used: {error}"))?;
    record.ok_or_else(|| format!("no record at {name}: it wants no reports"))
}

/// Of repeated addresses one is enough.
fn distinct(addresses: &[ReportUri]) -> Vec<ReportUri> {
    let mut seen = Vec::new();
    for address in addresses {
        if !seen.contains(address) {
            seen.push(address.clone());
        }
    }
    seen
}
