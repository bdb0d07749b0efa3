//! Which addresses are public.
//!
//! IPv4 follows the IANA special-purpose registry through `ip_network`, minus what that table lets pass although no web
//! server lives there. IPv6 is turned round: only 2000::/3 has ever been handed out for public use (RFC 4291 section 2.4,
//! RFC 3513 section 4), so everything outside it is refused without being listed, above all the ranges that embed an
//! IPv4 address (`::ffff:0:0/96`, `64:ff9b::/96`, `64:ff9b:1::/48`), and the special ranges inside it are named here.
//! It must not resolve or connect anything.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ip_network::{Ipv4Network, Ipv6Network};

/// Whether a public web server can have this address.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let network = Ipv4Network::from(address);
    network.is_global()
        && !network.is_multicast()
        // RFC 6890: all of 192.0.0.0/24, its two anycast exceptions included: they mean "the nearest box of this network".
        && !network.is_ietf_protocol_assignments()
        && !within_v4(address, DEPRECATED_6TO4_RELAYS)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    within_v6(address, GLOBAL_UNICAST) && !SPECIAL_IN_GLOBAL_UNICAST.iter().any(|range| within_v6(address, *range))
}

/// 6to4 relay anycast, deprecated by RFC 7526; `ip_network` does not know it.
const DEPRECATED_6TO4_RELAYS: (Ipv4Addr, u8) = (Ipv4Addr::new(192, 88, 99, 0), 24);

/// The only IPv6 space assigned for global unicast (RFC 4291 section 2.4 and the IANA registry of the same name).
const GLOBAL_UNICAST: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Ranges inside 2000::/3 where no public web server lives.
const SPECIAL_IN_GLOBAL_UNICAST: [(Ipv6Addr, u8); 4] = [
    // RFC 2928: protocol assignments: Teredo (2001::/32, embeds IPv4), benchmarking, ORCHID, anycast services.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // RFC 3849: documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // RFC 3056: 6to4, embeds IPv4.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    // RFC 9637: documentation.
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

fn within_v4(address: Ipv4Addr, (network, bits): (Ipv4Addr, u8)) -> bool {
    Ipv4Network::new(network, bits).is_ok_and(|network| network.contains(address))
}

fn within_v6(address: Ipv6Addr, (network, bits): (Ipv6Addr, u8)) -> bool {
    Ipv6Network::new(network, bits).is_ok_and(|network| network.contains(address))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// First and last address of each range that must be refused: both IANA special-purpose registries, multicast,
    /// the reserved space, and the ranges that embed IPv4.
    const REFUSED: &[(&str, &str)] = &[
        ("0.0.0.0", "0.255.255.255"),
        ("10.0.0.0", "10.255.255.255"),
        ("100.64.0.0", "100.127.255.255"),
        ("127.0.0.0", "127.255.255.255"),
        ("169.254.0.0", "169.254.255.255"),
        ("169.254.169.254", "169.254.170.2"),
        ("172.16.0.0", "172.31.255.255"),
        ("192.0.0.0", "192.0.0.255"),
        ("192.0.0.9", "192.0.0.10"),
        ("192.0.2.0", "192.0.2.255"),
        ("192.88.99.0", "192.88.99.255"),
        ("192.168.0.0", "192.168.255.255"),
        ("198.18.0.0", "198.19.255.255"),
        ("198.51.100.0", "198.51.100.255"),
        ("203.0.113.0", "203.0.113.255"),
        ("224.0.0.0", "239.255.255.255"),
        ("240.0.0.0", "255.255.255.255"),
        ("::", "::1"),
        ("::127.0.0.1", "::ffff:ffff"),
        ("::ffff:0.0.0.0", "::ffff:255.255.255.255"),
        ("::ffff:127.0.0.1", "::ffff:8.8.8.8"),
        ("::ffff:0:0.0.0.0", "::ffff:0:255.255.255.255"),
        ("64:ff9b::", "64:ff9b::ffff:ffff"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
        ("100::", "100::ffff:ffff:ffff:ffff"),
        ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff"),
        ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:1::1", "2001:1::3"),
        ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"),
        ("2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:20::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002:7f00:1::", "2002:a9fe:a9fe::"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fd00:ec2::254", "fd00:ec2::23"),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("ff02::1", "ff0e::1"),
    ];

    /// The neighbours of those ranges, and some real web servers.
    const PUBLIC: &[&str] = &[
        "1.0.0.0",
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2000::",
        "2001:200::",
        "2001:4860:4860::8888",
        "2001:db7:ffff::",
        "2001:db9::",
        "2003::",
        "2606:2800:220:1:248:1893:25c8:1946",
        "2a00:1450:4001:80b::200e",
        "3ffe:ffff::",
        "3fff:1000::",
    ];

    #[test]
    fn special_ranges_are_refused_to_their_edges() {
        for (first, last) in REFUSED {
            for address in [first, last] {
                assert!(!is_public(address.parse().unwrap()), "{address}");
            }
        }
    }

    #[test]
    fn public_addresses_pass_up_to_the_edges() {
        for address in PUBLIC {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    fn between(first: &IpAddr, last: &IpAddr, at: u128) -> IpAddr {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                let (first, last) = (u32::from(*first), u32::from(*last));
                let span = u128::from(last.abs_diff(first)) + 1;
                Ipv4Addr::from(first.min(last) + u32::try_from(at % span).unwrap()).into()
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                let (first, last) = (u128::from(*first), u128::from(*last));
                Ipv6Addr::from(first.min(last) + at % (last.abs_diff(first).saturating_add(1))).into()
            }
            _ => panic!("a range has one family"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_address_of_a_refused_range_passes(range in 0..REFUSED.len(), at: u128) {
            let (first, last) = REFUSED[range];
            let address = between(&first.parse().unwrap(), &last.parse().unwrap(), at);
            prop_assert!(!is_public(address), "{}", address);
        }

        #[test]
        fn an_embedded_ipv4_address_never_passes(embedded: u32) {
            let [a, b, c, d] = embedded.to_be_bytes().map(u16::from);
            let (high, low) = (a << 8 | b, c << 8 | d);
            for address in [
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low),
                Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !high, !low),
            ] {
                prop_assert!(!is_public(address.into()), "{}", address);
            }
        }

        #[test]
        fn what_the_standard_library_calls_special_never_passes(bits: u32) {
            let address = Ipv4Addr::from(bits);
            let special = address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
                || address.is_broadcast() || address.is_documentation() || address.is_unspecified();
            prop_assert!(!(special && is_public(address.into())), "{}", address);
        }

        #[test]
        fn only_2000_3_passes(bits: u128) {
            let address = Ipv6Addr::from(bits);
            prop_assert!(!is_public(address.into()) || bits >> 125 == 1, "{}", address);
        }
    }
}
