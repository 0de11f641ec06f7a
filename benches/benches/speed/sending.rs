//! What a delivery costs when nobody need be asked.

use criterion::Criterion;
use mta_sts::{
    Action, Candidate, Dane, DnsError, FetchError, Fetcher, MemoryStore, PolicyClient,
    PolicyDomain, PolicyRequest, PolicyResponse, PolicyStore, Purpose, Resolver, Source,
    TlsOutcome, TlsVerdict, TxtAnswer, UnixTime,
};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

struct World;

impl Resolver for World {
    async fn txt(&self, _: &str) -> Result<TxtAnswer, DnsError> {
        Ok(TxtAnswer::from_iter([["v=STSv1; id=1"]]))
    }
}

impl Fetcher for World {
    async fn fetch(&self, _: &PolicyRequest) -> Result<PolicyResponse, FetchError> {
        Ok(PolicyResponse::new(
            200,
            Some("text/plain"),
            inputs::SIX_LINES.as_bytes(),
        ))
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sending");
    let client = PolicyClient::new(World, World, MemoryStore::new(10_000));
    let now = UnixTime::from_secs(1_795_253_400);
    for number in 0..5_000 {
        let domain = format!("domain{number}.example").parse().expect("a domain");
        block_on(client.policy_for(&domain, Purpose::Deliver, now)).expect("a store in memory");
    }
    let domain: PolicyDomain = "domain2500.example".parse().expect("a domain");
    let look_up =
        || block_on(client.policy_for(&domain, Purpose::Deliver, now)).expect("a store in memory");
    assert_eq!(look_up().decision().source(), Source::Cache);
    group.bench_function("floor: the store alone", |bencher| {
        bencher.iter(|| block_on(client.store().load(black_box(&domain))));
    });
    group.bench_function("policy_for, fresh", |bencher| bencher.iter(look_up));

    let decision = look_up().into_decision();
    let tls = TlsOutcome::Established {
        pkix: TlsVerdict::Passed,
        dane: TlsVerdict::NotChecked,
    };
    let judge = |host: &str| match decision.candidate(host, Dane::NotApplicable) {
        Candidate::Connect(session) => session.judge(tls),
        Candidate::Skip(verdict) => verdict,
    };
    assert_eq!(judge("mail.example.com").action(), Action::Deliver);
    assert_eq!(judge("mail.attacker.example").action(), Action::Skip);
    group.bench_function("candidate and judge", |bencher| {
        bencher.iter(|| judge(black_box("mail.example.com")));
    });
    group.finish();
}
