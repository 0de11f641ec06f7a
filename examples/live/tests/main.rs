//! The parts and programs of this package against real servers on the loopback interface: a name server, an HTTPS server. No other network.

mod dnssec;
mod fetcher;
mod lookup;
mod many;
mod postfix;
mod redis;
mod resolver;
mod socketmap;
mod support;
mod verify;
