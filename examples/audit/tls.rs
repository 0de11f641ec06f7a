//! `tls.txt`: what came of STARTTLS with each MX host.

use mta_sts::{TlsFailure, TlsOutcome, TlsVerdict};

/// One line.
pub(crate) struct Host {
    pub(crate) name: String,
    /// As it stands in the file: `TLSv1.3`.
    pub(crate) protocol: Option<String>,
    /// `None`: the host was not reached.
    pub(crate) outcome: Option<TlsOutcome>,
}

/// Reads lines of a host, the version of TLS if there is one, and what came of it; `#` begins a remark.
pub(crate) fn parse(text: &str) -> Result<Vec<Host>, String> {
    let mut hosts = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(name) = words.next() else { continue };
        let mut words: Vec<_> = words.collect();
        let is_protocol = |word: &&&str| word.starts_with("TLSv") || word.starts_with("SSLv");
        let protocol = words
            .first()
            .filter(is_protocol)
            .map(|word| (*word).to_owned());
        if protocol.is_some() {
            words.remove(0);
        }
        let outcome = match words.as_slice() {
            ["unreachable"] => None,
            words => {
                let outcome = outcome(protocol.as_deref(), words);
                let unknown = || format!("line {}: what came of it is not known here", number + 1);
                Some(outcome.ok_or_else(unknown)?)
            }
        };
        hosts.push(Host {
            name: name.to_owned(),
            protocol,
            outcome,
        });
    }
    Ok(hosts)
}

fn outcome(protocol: Option<&str>, words: &[&str]) -> Option<TlsOutcome> {
    let is_old = |protocol: &str| {
        protocol.starts_with("SSLv") || matches!(protocol, "TLSv1" | "TLSv1.0" | "TLSv1.1")
    };
    if protocol.is_some_and(is_old) {
        return Some(TlsOutcome::Failed(TlsFailure::ProtocolVersion));
    }
    let established = |pkix| TlsOutcome::Established {
        pkix,
        dane: TlsVerdict::NotChecked,
    };
    Some(match words {
        ["valid"] => established(TlsVerdict::Passed),
        ["certificate-not-checked"] => established(TlsVerdict::NotChecked),
        ["starttls-not-offered"] => TlsOutcome::NotOffered,
        ["starttls-refused", reply] => TlsOutcome::Refused(reply.parse().ok()?),
        [code] => {
            let mut failures = TlsFailure::ALL.iter().copied();
            let failure = failures.find(|failure| failure.code() == *code)?;
            // With a protocol version the handshake was finished.
            match protocol {
                Some(_) => established(TlsVerdict::Failed(failure)),
                None => TlsOutcome::Failed(failure),
            }
        }
        _ => return None,
    })
}
