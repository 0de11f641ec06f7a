//! Addresses on the command line.

use std::net::{IpAddr, SocketAddr};

/// An address with a port, or without one: then it is this port.
pub(crate) fn with_port(text: &str, port: u16) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, port));
    }
    text.parse().map_err(|_| {
        format!("an IP address, or `192.0.2.1:{port}` or `[2001:db8::1]:{port}`, is wanted")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        let port = |text| with_port(text, 53).map(|address| address.port());
        assert_eq!(port("192.0.2.1"), Ok(53));
        assert_eq!(port("192.0.2.1:5353"), Ok(5353));
        assert_eq!(port("2001:db8::1"), Ok(53));
        assert_eq!(port("[2001:db8::1]:5353"), Ok(5353));
        assert!(port("ns.example.com").is_err());
    }
}
