//! Which addresses are public, and name resolution that gives only those.
//!
//! Owns the guard against reaching a private network through a public page's links. It opens no
//! connection; literal addresses are judged by the fetch, names by the resolver here.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// IPv4 blocks that are not globally reachable (IANA IPv4 Special-Purpose Address Registry), with
/// multicast, the reserved last sixteenth and the deprecated 6to4 relay block.
const REFUSED_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
];

/// The two anycast addresses inside 192.0.0.0/24 that are globally reachable (RFC 7723, RFC 8155).
const PUBLIC_V4: &[[u8; 4]] = &[[192, 0, 0, 9], [192, 0, 0, 10]];

/// IPv6 blocks inside 2000::/3 that are not globally reachable (IANA IPv6 Special-Purpose Address
/// Registry). Teredo, in 2001::/23, is refused whole: a server reached through it is behind somebody's NAT.
const REFUSED_V6: &[(u128, u32)] = &[
    (0x2001_0000 << 96, 23),
    (0x2001_0db8 << 96, 32),
    (0x3fff_0000 << 96, 20),
];

/// Blocks inside 2001::/23 that are globally reachable all the same: anycast addresses, AMT, AS112,
/// ORCHIDv2 and drone identifiers.
const PUBLIC_V6: &[(u128, u32)] = &[
    ((0x2001_0001 << 96) | 1, 128),
    ((0x2001_0001 << 96) | 2, 128),
    ((0x2001_0001 << 96) | 3, 128),
    (0x2001_0003 << 96, 32),
    (0x2001_0004_0112 << 80, 48),
    (0x2001_0020 << 96, 28),
    (0x2001_0030 << 96, 28),
];

/// Says whether `address` is publicly routable.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Returns the address that `url` names literally, without a name to resolve.
pub fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    PUBLIC_V4.contains(&address.octets())
        || !REFUSED_V4.iter().any(|&(network, length)| {
            let network = u32::from_be_bytes(network);
            (bits ^ network) >> (32 - length) == 0
        })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(embedded) = embedded_v4(address) {
        return is_public_v4(embedded);
    }
    let bits = address.to_bits();
    let within = |&(network, length): &(u128, u32)| (bits ^ network) >> (128 - length) == 0;
    // Only 2000::/3 is given out as global unicast; the rest is local, multicast, reserved or a
    // translation prefix (64:ff9b:1::/48 among them) whose far side is a private network's.
    let is_unicast = bits >> 125 == 1;
    is_unicast && (PUBLIC_V6.iter().any(within) || !REFUSED_V6.iter().any(within))
}

/// Returns the IPv4 address that decides about an IPv4-mapped, NAT64 (RFC 6052), 6to4 (RFC 3056) or ISATAP
/// (RFC 5214) one.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let is_mapped = bits >> 32 == 0xffff;
    let is_nat64 = bits >> 32 == 0x0064_ff9b << 64;
    if is_mapped || is_nat64 {
        return Some(Ipv4Addr::from_bits(bits as u32));
    }
    if bits >> 112 == 0x2002 {
        return Some(Ipv4Addr::from_bits((bits >> 80) as u32));
    }
    // The identifier is 00-00-5E-FE, with the bit for a globally unique address set or not.
    let is_isatap = matches!((bits >> 32) as u32, 0x0000_5efe | 0x0200_5efe);
    // Beside it the prefix must be a public one, so only a private address decides.
    let embedded = Ipv4Addr::from_bits(bits as u32);
    (is_isatap && !is_public_v4(embedded)).then_some(embedded)
}

/// A host whose every address is private, when those are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefusedAddress(pub(super) IpAddr);

impl fmt::Display for RefusedAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} is not a public address", self.0)
    }
}

impl std::error::Error for RefusedAddress {}

/// A name without a single address.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
struct NoAddress;

/// The system's name resolution, with private addresses taken out unless they are allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver {
    pub(super) allow_private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let Some(first) = found.first() else {
                return Err(NoAddress.into());
            };
            let refused = RefusedAddress(first.ip());
            let usable = usable(found, allow_private);
            if usable.is_empty() {
                return Err(refused.into());
            }
            let usable: Addrs = Box::new(usable.into_iter());
            Ok(usable)
        })
    }
}

/// Of a name that has private addresses beside public ones, only the public ones are connected to.
fn usable(found: Vec<SocketAddr>, allow_private: bool) -> Vec<SocketAddr> {
    found
        .into_iter()
        .filter(|address| allow_private || is_public(address.ip()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_edges_of_each_block_are_judged() {
        for (last_public, first, last, next_public) in [
            ("", "0.0.0.0", "0.255.255.255", "1.0.0.0"),
            ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
            (
                "100.63.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "100.128.0.0",
            ),
            (
                "126.255.255.255",
                "127.0.0.0",
                "127.255.255.255",
                "128.0.0.0",
            ),
            (
                "169.253.255.255",
                "169.254.0.0",
                "169.254.255.255",
                "169.255.0.0",
            ),
            (
                "172.15.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "172.32.0.0",
            ),
            ("191.255.255.255", "192.0.0.0", "192.0.0.8", "192.0.0.9"),
            ("192.0.0.10", "192.0.0.11", "192.0.0.255", "192.0.1.0"),
            ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
            (
                "192.88.98.255",
                "192.88.99.0",
                "192.88.99.255",
                "192.88.100.0",
            ),
            (
                "192.167.255.255",
                "192.168.0.0",
                "192.168.255.255",
                "192.169.0.0",
            ),
            (
                "198.17.255.255",
                "198.18.0.0",
                "198.19.255.255",
                "198.20.0.0",
            ),
            (
                "198.51.99.255",
                "198.51.100.0",
                "198.51.100.255",
                "198.51.101.0",
            ),
            (
                "203.0.112.255",
                "203.0.113.0",
                "203.0.113.255",
                "203.0.114.0",
            ),
            ("223.255.255.255", "224.0.0.0", "255.255.255.255", ""),
            ("", "::", "::fffe:ffff:ffff", "::ffff:1.0.0.0"),
            (
                "::ffff:9.255.255.255",
                "::ffff:10.0.0.0",
                "::ffff:10.255.255.255",
                "::ffff:11.0.0.0",
            ),
            (
                "64:ff9b::9.9.9.9",
                "64:ff9b::10.0.0.1",
                "64:ff9b::10.255.255.255",
                "64:ff9b::11.0.0.0",
            ),
            (
                "",
                "64:ff9b:0:0:0:1::",
                "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
                "",
            ),
            ("", "64:ff9b:1::8.8.8.8", "100::", ""),
            (
                "",
                "100:0:0:1::",
                "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2000::",
            ),
            (
                "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001::",
                "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
                "",
            ),
            ("", "2001:1::", "2001:1::", "2001:1::1"),
            (
                "2001:1::3",
                "2001:1::4",
                "2001:2:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:3::",
            ),
            (
                "2001:3:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:4::",
                "2001:4:111:ffff::",
                "2001:4:112::",
            ),
            (
                "2001:4:112:ffff::",
                "2001:4:113::",
                "2001:1f:ffff::",
                "2001:20::",
            ),
            (
                "2001:3f:ffff::",
                "2001:40::",
                "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:200::",
            ),
            (
                "2001:db7:ffff::",
                "2001:db8::",
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:db9::",
            ),
            (
                "2002:9ff:ffff::",
                "2002:a00::",
                "2002:aff:ffff::",
                "2002:b00::",
            ),
            (
                "2002:7eff:ffff::",
                "2002:7f00:1::",
                "2002:7fff:ffff::",
                "2002:8000::",
            ),
            (
                "3ffe:ffff::",
                "3fff::",
                "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                "3fff:1000::",
            ),
            (
                "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "4000::",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "",
            ),
            ("", "fc00::", "fdff::", ""),
            ("", "fe80::", "febf::", ""),
            ("", "5f00::", "ff02::1", ""),
        ] {
            for (text, expected) in [
                (last_public, true),
                (first, false),
                (last, false),
                (next_public, true),
            ] {
                if !text.is_empty() {
                    assert_eq!(is_public(text.parse().unwrap()), expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn ordinary_servers_are_public() {
        for text in [
            "93.184.216.34",
            "8.8.8.8",
            "192.31.196.1",
            "2606:2800:220:1::1",
            "2620:4f:8000::1",
            "192.52.193.1",
            "192.175.48.1",
            "2001:1::3",
            "2001:20::1",
            "2001:30::1",
            "64:ff9b::8.8.8.8",
            "2606:2800:220:1:0:5efe:8.8.8.8",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn every_spelling_of_a_literal_is_seen() {
        for text in [
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://[::ffff:7f00:1]/",
            "http://127.0.0.1./",
            "http://0177.0.0.01/",
            "http://0x7f.1/",
            "http://%31%32%37.0.0.1/",
            "http://127\u{3002}0\u{ff0e}0\u{ff61}1/",
            "http://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
            "http://user@127.0.0.1/",
            "http://[::127.0.0.1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
            "http://[fec0::1]/",
            "http://[fe80::1]/",
            "http://[5f00::1]/",
            "http://[100::1]/",
            "http://[100:0:0:1::1]/",
            "http://[2606:2800:220:1:0:5efe:7f00:1]/",
            "http://[2606:2800:220:1:200:5efe:10.0.0.1]/",
        ] {
            let address = literal(&Url::parse(text).unwrap()).unwrap();
            assert!(!is_public(address), "{text}");
        }
        assert_eq!(literal(&Url::parse("http://localhost/").unwrap()), None);
        // A zone means an interface of this machine, which a URL cannot name.
        for text in [
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1%eth0]/",
            "http://127.0.0.1.1/",
        ] {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn of_mixed_addresses_only_the_public_ones_are_used() {
        let mixed: Vec<SocketAddr> = ["10.0.0.1:0", "9.9.9.9:0", "[::1]:0", "[2606:2800::1]:0"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        assert_eq!(usable(mixed.clone(), false), [mixed[1], mixed[3]]);
        assert_eq!(usable(mixed.clone(), true), mixed);
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused() {
        let resolve = |allow_private| {
            let name: Name = "localhost".parse().unwrap();
            Resolver { allow_private }.resolve(name)
        };
        let error = resolve(false).await.err().unwrap();
        assert!(error.is::<RefusedAddress>());
        assert!(resolve(true).await.unwrap().next().is_some());
    }
}
