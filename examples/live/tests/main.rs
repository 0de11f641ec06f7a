//! The parts and programs of this package against real servers on the loopback interface: name, web and mail servers. No other network.

mod audit;
mod dnssec;
mod fetcher;
mod host;
mod host_certificates;
mod lookup;
mod many;
mod postfix;
mod probe;
mod redis;
mod resolver;
mod socketmap;
mod support;
mod tlsrpt_mail;
mod verify;
