//! Discoveries under way: one for each domain and purpose, led by one of those who wait for it.

use super::Lookup;
use crate::discovery::Purpose;
use crate::domain::PolicyDomain;
use crate::io::StoreError;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::future::poll_fn;
use core::mem;
use core::task::{Poll, Waker};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Key = (PolicyDomain, Purpose);

/// The flights that have not landed.
///
/// Two kinds of lock: that of the map, and that of a flight. Neither is held while the other is waited for, nor across an `await`.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<Key, Seats>>);

/// A flight, and how many have a place in it.
#[derive(Debug, Default)]
struct Seats {
    flight: Arc<Flight>,
    taken: usize,
}

#[derive(Debug, Default)]
struct Flight(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    led: bool,
    landed: Option<Result<Lookup, StoreError>>,
    /// Those who wait, each under a number of its own.
    waiting: BTreeMap<u64, Waker>,
    next_number: u64,
}

impl State {
    /// Those to be woken, now that there is something to see.
    fn take_waiting(&mut self) -> BTreeMap<u64, Waker> {
        mem::take(&mut self.waiting)
    }
}

impl Flights {
    /// A place in the flight for this key: the one under way, or a new one.
    pub(super) fn join(&self, domain: &PolicyDomain, purpose: Purpose) -> Ticket<'_> {
        let key = (domain.clone(), purpose);
        let flight = {
            let mut flights = lock(&self.0);
            let seats = flights.entry(key.clone()).or_default();
            seats.taken = seats.taken.saturating_add(1);
            Arc::clone(&seats.flight)
        };
        Ticket {
            number: {
                let mut state = lock(&flight.0);
                state.next_number = state.next_number.wrapping_add(1);
                state.next_number
            },
            flights: self,
            key,
            flight,
        }
    }
}

/// A place in a flight.
pub(super) struct Ticket<'a> {
    flights: &'a Flights,
    key: Key,
    flight: Arc<Flight>,
    number: u64,
}

/// What waiting ends with.
pub(super) enum Boarding<'a> {
    /// This one leads: nobody did, or who did was dropped.
    Lead(Leader<'a>),
    /// The result.
    Landed(Result<Lookup, StoreError>),
}

impl Ticket<'_> {
    /// Waits until the flight has landed or needs a leader.
    pub(super) async fn board(&self) -> Boarding<'_> {
        poll_fn(|context| {
            let mut state = lock(&self.flight.0);
            if let Some(result) = &state.landed {
                return Poll::Ready(Boarding::Landed(result.clone()));
            }
            if state.led {
                state.waiting.insert(self.number, context.waker().clone());
                return Poll::Pending;
            }
            state.led = true;
            Poll::Ready(Boarding::Lead(Leader { ticket: self }))
        })
        .await
    }
}

/// The last one to leave takes the flight out of the map, so that nothing is left of look-ups that were given up.
impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        lock(&self.flight.0).waiting.remove(&self.number);
        let mut flights = lock(&self.flights.0);
        let Some(seats) = flights.get_mut(&self.key) else {
            return;
        };
        if Arc::ptr_eq(&seats.flight, &self.flight) {
            seats.taken = seats.taken.saturating_sub(1);
            if seats.taken == 0 {
                flights.remove(&self.key);
            }
        }
    }
}

/// The duty to land a flight. Dropped without that, it passes to one of those who wait.
pub(super) struct Leader<'a> {
    ticket: &'a Ticket<'a>,
}

impl Leader<'_> {
    /// Gives the result to all who wait. Who comes later begins anew.
    pub(super) fn land(self, result: &Result<Lookup, StoreError>) {
        let Ticket {
            flights,
            key,
            flight,
            ..
        } = self.ticket;
        lock(&flights.0).remove(key);
        lock(&flight.0).landed = Some(result.clone());
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = lock(&self.ticket.flight.0);
            state.led = false;
            state.take_waiting()
        };
        for waker in waiting.into_values() {
            waker.wake();
        }
    }
}

/// A panic elsewhere leaves nothing half done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
