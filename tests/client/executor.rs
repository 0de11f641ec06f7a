//! An executor that polls only what was woken: what is never woken shows as hanging.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Task<'a, T> {
    future: Option<Pin<Box<dyn Future<Output = T> + 'a>>>,
    output: Option<T>,
    woken: Arc<Woken>,
}

/// Tasks in the order of their spawning.
pub(crate) struct Executor<'a, T>(Vec<Task<'a, T>>);

impl<'a, T> Executor<'a, T> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn spawn(&mut self, future: impl Future<Output = T> + 'a) {
        self.0.push(Task {
            future: Some(Box::pin(future)),
            output: None,
            woken: Arc::new(Woken(true.into())),
        });
    }

    /// Polls what is woken until nothing is.
    pub(crate) fn run(&mut self) {
        while self.0.iter_mut().any(Task::poll_if_woken) {}
    }

    /// Gives a task up where it stands.
    pub(crate) fn drop_task(&mut self, number: usize) {
        self.0[number].future = None;
    }

    /// How many have not ended.
    pub(crate) fn waiting(&self) -> usize {
        self.0.iter().filter(|task| task.future.is_some()).count()
    }

    pub(crate) fn outputs(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(|task| task.output.as_ref())
    }
}

impl<T> Task<'_, T> {
    fn poll_if_woken(&mut self) -> bool {
        let Some(future) = &mut self.future else {
            return false;
        };
        if !self.woken.0.swap(false, Ordering::SeqCst) {
            return false;
        }
        let waker = Waker::from(Arc::clone(&self.woken));
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            self.output = Some(output);
            self.future = None;
        }
        true
    }
}

/// The output of a future that nothing keeps waiting.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}
