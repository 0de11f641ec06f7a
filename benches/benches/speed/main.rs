//! How long the work takes, and beside each group a floor: the least that could be done with the same bytes.
//!
//! In `benches/`: `cargo bench --bench speed`, or `cargo bench --bench speed -- matching/3` for a part.

mod floor;
mod inspect;
mod matching;
mod policy;
mod record;
mod reports;
mod sending;
mod writing;

use criterion::Criterion;
use std::time::Duration;

fn main() {
    inputs::warm_heap();
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(50)
        .configure_from_args();
    record::bench(&mut criterion);
    policy::bench(&mut criterion);
    inspect::bench(&mut criterion);
    writing::bench(&mut criterion);
    matching::bench(&mut criterion);
    sending::bench(&mut criterion);
    reports::bench(&mut criterion);
    criterion.final_summary();
}
