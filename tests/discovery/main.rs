//! Discovery, case by case: `tests/tables/discovery.txt` and `answers.txt`.

mod answers;
mod entries;
#[path = "../tables/format.rs"]
mod format;
mod options;
mod request;
mod sequences;
mod start;
mod table;

use mta_sts::{PolicyId, UnixTime};

/// The moment of every discovery here.
const NOW: UnixTime = UnixTime::from_secs(1_795_253_400);

const A1: PolicyId = PolicyId::from_static("a1");
const B2: PolicyId = PolicyId::from_static("b2");

/// So many seconds before (or, if negative, after) now.
fn ago(secs: i64) -> UnixTime {
    let secs = NOW.as_secs().checked_add_signed(-secs);
    UnixTime::from_secs(secs.unwrap())
}
