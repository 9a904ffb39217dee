//! The client behind trusted proxies. `X-Forwarded-For` is written by whoever
//! sends the request: only what trusted machines added at its end is true.

use std::net::IpAddr;

/// Networks whose machines are trusted to say who they speak for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    networks: Vec<(IpAddr, u32)>,
}

impl Proxies {
    /// Adds a network (`10.0.0.0/8`) or an address.
    pub fn trust(&mut self, text: &str) -> Result<(), String> {
        let error = || {
            format!(
                "`{text}` is no network\nhint: write it as `10.0.0.0/8`, `2001:db8::/32` or an address"
            )
        };
        let (address, bits) = text.split_once('/').unwrap_or((text, ""));
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            "" => longest,
            bits => bits.parse().map_err(|_| error())?,
        };
        if bits > longest {
            return Err(error());
        }
        self.networks.push((address, bits));
        Ok(())
    }

    /// The last address that no trusted machine has, from the peer backwards;
    /// the first of the list where all are trusted.
    pub fn client(&self, peer: Option<IpAddr>, forwarded: &[IpAddr]) -> Option<IpAddr> {
        match peer {
            Some(peer) if !self.is_trusted(peer) => Some(peer),
            None if self.networks.is_empty() => None,
            _ => {
                let mut backwards = forwarded.iter().rev();
                let client = backwards.find(|address| !self.is_trusted(**address));
                client.or(forwarded.first()).copied().or(peer)
            }
        }
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        let inside = |(network, bits): &(IpAddr, u32)| match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => same_start(
                network.to_bits().into(),
                address.to_bits().into(),
                32 - bits,
            ),
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                same_start(network.to_bits(), address.to_bits(), 128 - bits)
            }
            _ => false,
        };
        self.networks.iter().any(inside)
    }
}

fn same_start(one: u128, other: u128, ignored_bits: u32) -> bool {
    let kept = |address: u128| address.checked_shr(ignored_bits).unwrap_or(0);
    kept(one) == kept(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> Option<String> {
        let mut proxies = Proxies::default();
        trusted
            .iter()
            .for_each(|network| proxies.trust(network).unwrap());
        let list: Vec<IpAddr> = forwarded.iter().map(|a| a.parse().unwrap()).collect();
        proxies
            .client(peer.parse().ok(), &list)
            .map(|a| a.to_string())
    }

    #[test]
    fn only_what_trusted_machines_say() {
        let forwarded = ["10.5.102.222", "198.51.100.1", "203.0.113.1"];
        let found = |trusted: &[&str]| client(trusted, "10.2.1.185", &forwarded).unwrap();
        assert_eq!(found(&[]), "10.2.1.185");
        assert_eq!(found(&["10.2.0.0/16"]), "203.0.113.1");
        assert_eq!(found(&["10.0.0.0/8", "203.0.113.0/24"]), "198.51.100.1");
        assert_eq!(found(&["0.0.0.0/0"]), "10.5.102.222");
        assert_eq!(
            client(&["::/0"], "2001:db8::1", &["2001:db8::2"]).unwrap(),
            "2001:db8::2"
        );
        assert_eq!(client(&[], "unix:", &["192.0.2.1"]), None);
        assert_eq!(
            client(&["10.0.0.0/8"], "unix:", &["192.0.2.1"]).unwrap(),
            "192.0.2.1"
        );
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in ["", "10.0.0.0/33", "10.0.0.0/x", "proxy.example", "::/129"] {
            assert!(
                Proxies::default().trust(bad).unwrap_err().contains("hint:"),
                "{bad}"
            );
        }
    }
}
