//! The MTA-STS part of a mail server in miniature: look up, try the MX hosts, count, report. The world that it meets is made up.

use mta_sts::{
    Action, Aggregate, Candidate, Contact, Dane, Decision, DnsError, FetchError, Fetcher,
    MemoryStore, PolicyClient, PolicyDomain, PolicyRequest, PolicyResponse, Purpose,
    ReportEncoding, Resolver, SessionFacts, TlsFailure, TlsOutcome, TlsRptRecord, TlsVerdict,
    TxtAnswer, UnixTime, UtcDay,
};
use std::error::Error;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The DNS and the web.
struct World;

impl Resolver for World {
    async fn txt(&self, name: &str) -> Result<TxtAnswer, DnsError> {
        let record = match name {
            "_mta-sts.example.com." => "v=STSv1; id=20261121",
            "_smtp._tls.example.com." => "v=TLSRPTv1; rua=mailto:tls@example.com",
            _ => return Err(DnsError::NoSuchDomain),
        };
        Ok([[record]].into_iter().collect())
    }
}

impl Fetcher for World {
    async fn fetch(&self, request: &PolicyRequest) -> Result<PolicyResponse, FetchError> {
        if request.policy_host() != "mta-sts.example.com" {
            return Err(FetchError::Connect);
        }
        let policy = "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n";
        Ok(PolicyResponse::new(
            200,
            Some("text/plain"),
            policy.as_bytes(),
        ))
    }
}

/// In the order of the MX records.
fn mx_hosts(domain: &PolicyDomain) -> [&'static str; 3] {
    match domain.as_str() {
        "example.com" => ["mx.attacker.example", "old.example.com", "mx.example.com"],
        _ => ["a.mx.example.org", "b.mx.example.org", "c.mx.example.org"],
    }
}

/// What comes of STARTTLS with a host. A server heeds the requirement of the session.
fn starttls(mx_host: &str) -> TlsOutcome {
    let pkix = match mx_host {
        "mx.example.com" => TlsVerdict::Passed,
        "old.example.com" => TlsVerdict::Failed(TlsFailure::CertificateExpired),
        _ => return TlsOutcome::NotOffered,
    };
    TlsOutcome::Established {
        pkix,
        dane: TlsVerdict::NotChecked,
    }
}

struct Mta {
    policies: PolicyClient<World, World, MemoryStore>,
    sessions: Aggregate,
}

impl Mta {
    /// The host that took the mail. Without one it waits, and is tried again.
    fn deliver(&mut self, decision: &Decision, now: UnixTime) -> Option<&'static str> {
        for mx_host in mx_hosts(decision.domain()) {
            let verdict = match decision.candidate(mx_host, Dane::NotApplicable) {
                Candidate::Connect(session) => session.judge(starttls(mx_host)),
                Candidate::Skip(verdict) => verdict,
            };
            let facts = SessionFacts::new(now, mx_host);
            self.sessions.record(decision, &verdict, &facts);
            if let Some(failure) = verdict.failure() {
                println!("  {mx_host}: {failure}");
            }
            if verdict.action() == Action::Deliver {
                return Some(mx_host);
            }
        }
        None
    }

    /// Reports on the days before this one.
    fn report(&mut self, today: UtcDay, contact: &Contact) -> Result<(), Box<dyn Error>> {
        let due = self.sessions.take_before(today);
        let id = |domain: &_, day| format!("{day}.{domain}");
        for report in due.into_reports("Kestrel Mail", contact, id) {
            let report = report?;
            let Some(name) = report.domain().tls_rpt_name() else {
                continue;
            };
            let answer = block_on(self.policies.resolver().txt(&format!("{name}.")));
            let record = answer.map(|answer| TlsRptRecord::select(&answer));
            let Ok(Ok(Some(record))) = record else {
                println!("{}: wants no reports", report.domain());
                continue;
            };
            let submission = report.report().submission(report.domain())?;
            println!("{}", submission.subject());
            for uri in record.rua() {
                println!("  {} to {uri}", submission.file_name(ReportEncoding::Json));
            }
            println!("  {}", report.report().to_json()?);
        }
        Ok(())
    }
}

/// In this world nobody waits. A server has a runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let now = UnixTime::from_secs(1_795_253_400);
    let mut mta = Mta {
        policies: PolicyClient::new(World, World, MemoryStore::new(1_000)),
        sessions: Aggregate::new(),
    };
    for recipient in ["example.com", "example.org"] {
        let domain: PolicyDomain = recipient.parse()?;
        let lookup = block_on(mta.policies.policy_for(&domain, Purpose::Deliver, now))?;
        println!("{domain}: {}", lookup.decision().source());
        match mta.deliver(lookup.decision(), now) {
            Some(mx_host) => println!("  delivered to {mx_host}"),
            None => println!("  deferred"),
        }
    }
    let tomorrow = now.saturating_add(Duration::from_secs(86_400));
    mta.report(UtcDay::of(tomorrow), &"tls@kestrel.example".parse()?)
}
