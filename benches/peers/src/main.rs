//! The same work through this crate and through others, interleaved in one process; prints how many times as fast.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml`. The ratios are what counts: they hold on other
//! machines too, more or less; the times are those of this one, now.

mod matching;
mod policies;
mod race;
mod records;
mod sorted;

fn main() {
    inputs::warm_heap();
    race::header();
    records::run();
    policies::run();
    matching::run();
    println!();
    policies::scaling();
    policies::inspection();
}
