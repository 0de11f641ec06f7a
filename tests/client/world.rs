//! A DNS and a web with one policy for all domains, whose web server answers when it is opened.

use mta_sts::{
    CacheEntry, DnsError, FetchError, Fetcher, PolicyDomain, PolicyRequest, PolicyResponse,
    PolicyStore, Resolver, StoreError, TxtAnswer, UnixTime,
};
use std::future::poll_fn;
use std::sync::Mutex;
use std::task::{Poll, Waker};

#[derive(Debug)]
pub(crate) struct World(Mutex<State>);

#[derive(Debug)]
struct State {
    body: &'static str,
    open: bool,
    waiting: Vec<Waker>,
    dns_failure: Option<DnsError>,
    https_fails: bool,
    lookups: usize,
    fetches: usize,
}

impl World {
    pub(crate) fn open_with(body: &'static str) -> Self {
        Self(Mutex::new(State {
            body,
            open: true,
            waiting: Vec::new(),
            dns_failure: None,
            https_fails: false,
            lookups: 0,
            fetches: 0,
        }))
    }

    pub(crate) fn closed() -> Self {
        let world =
            Self::open_with("version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n");
        world.close();
        world
    }

    pub(crate) fn open(&self) {
        let mut state = self.0.lock().unwrap();
        state.open = true;
        for waker in state.waiting.drain(..) {
            waker.wake();
        }
    }

    pub(crate) fn close(&self) {
        self.0.lock().unwrap().open = false;
    }

    pub(crate) fn publish(&self, body: &'static str) {
        self.0.lock().unwrap().body = body;
    }

    /// What the DNS answers in place of the record; the record again with `None`.
    pub(crate) fn answer_dns(&self, failure: Option<DnsError>) {
        self.0.lock().unwrap().dns_failure = failure;
    }

    pub(crate) fn answer_https(&self, works: bool) {
        self.0.lock().unwrap().https_fails = !works;
    }

    pub(crate) fn lookups(&self) -> usize {
        self.0.lock().unwrap().lookups
    }

    pub(crate) fn fetches(&self) -> usize {
        self.0.lock().unwrap().fetches
    }
}

impl Resolver for World {
    async fn txt(&self, name: &str) -> Result<TxtAnswer, DnsError> {
        assert!(
            name.starts_with("_mta-sts.") && name.ends_with('.'),
            "{name}"
        );
        let mut state = self.0.lock().unwrap();
        state.lookups += 1;
        match state.dns_failure {
            Some(failure) => Err(failure),
            None => Ok(TxtAnswer::from_iter([["v=STSv1; id=1"]])),
        }
    }
}

impl Fetcher for World {
    async fn fetch(&self, request: &PolicyRequest) -> Result<PolicyResponse, FetchError> {
        assert!(request.url().starts_with("https://mta-sts."), "{request:?}");
        self.0.lock().unwrap().fetches += 1;
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap();
            if state.open {
                return Poll::Ready(());
            }
            state.waiting.push(context.waker().clone());
            Poll::Pending
        })
        .await;
        let state = self.0.lock().unwrap();
        if state.https_fails {
            return Err(FetchError::Connect);
        }
        Ok(PolicyResponse::new(
            200,
            Some("text/plain"),
            state.body.as_bytes(),
        ))
    }
}

/// A store that fails at one thing and knows nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Broken {
    Loading,
    Saving,
}

impl Broken {
    fn unless(self, healthy: Self) -> Result<(), StoreError> {
        if self == healthy {
            return Ok(());
        }
        Err(StoreError::new("the disk is gone"))
    }
}

impl PolicyStore for Broken {
    async fn load(&self, _: &PolicyDomain) -> Result<Option<CacheEntry>, StoreError> {
        self.unless(Self::Saving).map(|()| None)
    }

    async fn save(&self, _: &PolicyDomain, _: CacheEntry, _: UnixTime) -> Result<(), StoreError> {
        self.unless(Self::Loading)
    }

    async fn remove(&self, _: &PolicyDomain, _: UnixTime) -> Result<(), StoreError> {
        self.unless(Self::Loading)
    }

    async fn list(
        &self,
        _: Option<&PolicyDomain>,
        _: usize,
    ) -> Result<Vec<(PolicyDomain, CacheEntry)>, StoreError> {
        self.unless(Self::Saving).map(|()| Vec::new())
    }
}
