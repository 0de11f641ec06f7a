//! Delivery to one MX host, case by case: `tests/tables/delivery.txt`.

#[path = "../tables/format.rs"]
mod format;
mod hosts;
mod openssl;
mod table;

use mta_sts::UnixTime;

/// The moment of every decision here.
const NOW: UnixTime = UnixTime::from_secs(1_795_253_400);
