//! Two ways to do the same work, taking turns.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one side works at least before it is the other's turn, if it can work in parts.
const TURN: Duration = Duration::from_micros(300);

/// How long a race may last, about.
const RACE: Duration = Duration::from_millis(1500);

/// The medians of many rounds, times in nanoseconds.
pub(crate) struct Outcome {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
    /// How many times as fast ours is: the median of the ratios, which is not the ratio of the medians.
    pub(crate) ratio: f64,
}

/// Lets both do their work in turns, and who begins changes too.
pub(crate) fn race<T, U>(mut ours: impl FnMut() -> T, mut theirs: impl FnMut() -> U) -> Outcome {
    let (our_calls, our_turn) = turn(&mut ours);
    let (their_calls, their_turn) = turn(&mut theirs);
    let rounds = RACE.as_nanos() / (our_turn + their_turn).as_nanos();
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..rounds.clamp(15, 401) {
        let (our_time, their_time);
        if round % 2 == 0 {
            our_time = per_call(our_calls, &mut ours);
            their_time = per_call(their_calls, &mut theirs);
        } else {
            their_time = per_call(their_calls, &mut theirs);
            our_time = per_call(our_calls, &mut ours);
        }
        let values = [our_time, their_time, their_time / our_time];
        for (times, value) in times.iter_mut().zip(values) {
            times.push(value);
        }
    }
    let [ours, theirs, ratio] = times.map(median);
    Outcome {
        ours,
        theirs,
        ratio,
    }
}

/// How many calls make a turn, and how long they take.
fn turn<T>(work: &mut impl FnMut() -> T) -> (u32, Duration) {
    let mut calls = 1;
    loop {
        let time = total(calls, work);
        if time >= TURN {
            return (calls, time);
        }
        calls *= 2;
    }
}

/// The time of one call, of so many, in nanoseconds.
fn per_call<T>(calls: u32, work: &mut impl FnMut() -> T) -> f64 {
    total(calls, work).as_secs_f64() * 1e9 / f64::from(calls)
}

fn total<T>(calls: u32, work: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(work());
    }
    start.elapsed()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub(crate) fn header() {
    println!(
        "| {:36} | {:14} | {:>11} | {:>13} | {:>13} |",
        "work", "against", "ours, ns", "theirs, ns", "times as fast"
    );
    println!(
        "|:{:-<36}-|:{:-<14}-|-{:-<11}:|-{:-<13}:|-{:-<13}:|",
        "", "", "", "", ""
    );
}

/// Runs a race and prints its row.
pub(crate) fn row<T, U>(
    work: &str,
    against: &str,
    ours: impl FnMut() -> T,
    theirs: impl FnMut() -> U,
) {
    let Outcome {
        ours,
        theirs,
        ratio,
    } = race(ours, theirs);
    println!("| {work:36} | {against:14} | {ours:11.1} | {theirs:13.1} | {ratio:13.2} |");
}
