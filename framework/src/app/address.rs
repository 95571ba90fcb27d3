//! Whose request it is: the peer's address, or what proxies that the app trusts say of it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, HeaderName, header},
};
use ipnet::{IpNet, PrefixLenError};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Networks that something is allowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Networks(Vec<IpNet>);

impl Networks {
    /// Adds a network such as `10.0.0.0/8`, or a single address. `false` when it is neither.
    pub(super) fn add(&mut self, network: &str) -> bool {
        let single = |address: IpAddr| -> Result<IpNet, PrefixLenError> { IpNet::new(address, if address.is_ipv4() { 32 } else { 128 }) };
        let network = network.parse().ok().or_else(|| network.parse().ok().and_then(|address| single(address).ok()));
        self.0.extend(network);
        network.is_some()
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Which proxies are believed. `None`: nobody said, and none is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies(pub(super) Option<Networks>);

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    /// The client's address; or that of the last proxy which we believe, where its word can't be read.
    pub(crate) address: IpAddr,
    /// Whether it is the client's own, and not that of a proxy which we don't know.
    pub(super) is_known: bool,
}

/// Addresses that count as one: in IPv6 a /64, since that is what one household or machine gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Group(IpAddr);

impl Group {
    fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self(address),
            IpAddr::V6(address) => Self(IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))),
        }
    }
}

impl Proxies {
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.0.as_ref().is_some_and(|named| named.contains(address))
    }

    /// The client of a request. `None` when whoever serves the router doesn't say who its peers are.
    pub(crate) fn client(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<Client> {
        let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(self.client_of(peer.ip(), headers))
    }

    fn client_of(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let mut address = peer.to_canonical();
        let is_relayed = headers.contains_key(header::FORWARDED) || headers.contains_key(X_FORWARDED_FOR);
        if !self.trusts(address) {
            return Client { address, is_known: !is_relayed };
        }
        let hops = match (headers.contains_key(header::FORWARDED), headers.contains_key(X_FORWARDED_FOR)) {
            // A proxy writes one of them and may hand the other through, as whoever asked has sent it: which is which we can't know.
            (true, true) => return Client { address, is_known: false },
            (true, false) => forwarded(headers),
            (false, _) => relayed(headers),
        };
        // From the right, the end that our own proxies have written, up to the first that is none of ours.
        for hop in hops.into_iter().rev() {
            let Some(hop) = hop else { return Client { address, is_known: false } };
            address = hop.to_canonical();
            if !self.trusts(address) {
                break;
            }
        }
        Client { address, is_known: true }
    }

    /// What a client counts under. `None` for proxies, behind which are many; without a word about proxies, a loopback address is
    /// taken for one.
    pub(crate) fn group(&self, client: Client) -> Option<Group> {
        let is_proxy = match &self.0 {
            None => client.address.is_loopback(),
            Some(named) => client.is_known && named.contains(client.address),
        };
        (!is_proxy).then(|| Group::of(client.address))
    }

    /// What a connection counts under, of which no more is known than where it comes from.
    pub(super) fn group_of_peer(&self, peer: IpAddr) -> Option<Group> {
        self.group(Client { address: peer.to_canonical(), is_known: true })
    }
}

/// The addresses in `X-Forwarded-For`, the nearest last; `None` for what is no address.
fn relayed(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(X_FORWARDED_FOR).iter();
    lines.flat_map(|line| line.to_str().unwrap_or("?").split(',')).map(|hop| address(hop.trim())).collect()
}

/// The addresses in `Forwarded` (RFC 7239), the nearest last; `None` for what is no address, such as `unknown` or a name made up.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(header::FORWARDED).iter().map(|line| line.to_str().unwrap_or("?"));
    // A quote that a client opened and never closed swallows what our own proxy wrote behind it: then nothing of that line can be believed.
    let hops = |line| unquoted(line, ',').map_or_else(|| vec![None], |hops| hops.into_iter().map(|hop| address(for_of(hop)?)).collect());
    lines.flat_map(hops).collect()
}

/// What `for` says in one element of `Forwarded`.
fn for_of(hop: &str) -> Option<&str> {
    let pairs = unquoted(hop, ';')?.into_iter().filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, value)| value.trim());
    // Said twice, it says nothing.
    let value = values.next().filter(|_| values.next().is_none())?;
    Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// The parts between separators that are not in quotes. `None` when a quote doesn't end.
fn unquoted(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (at, character) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if is_quoted && character == '\\' {
            is_escaped = true;
        } else if character == '"' {
            is_quoted = !is_quoted;
        } else if character == separator && !is_quoted {
            parts.push(&text[start..at]);
            start = at + separator.len_utf8();
        }
    }
    parts.push(&text[start..]);
    (!is_quoted).then_some(parts)
}

/// An address, with or without a port, as proxies write it.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    text.parse()
        .ok()
        .or_else(|| bracketed?.parse().ok().map(IpAddr::V6))
        .or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Lines<'a> = &'a [(&'a str, &'a str)];

    fn proxies(networks: &[&str]) -> Proxies {
        let mut named = Networks::default();
        assert!(networks.iter().all(|network| named.add(network)));
        Proxies(Some(named))
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_client_is_the_last_address_that_no_proxy_of_ours_has() {
        let proxies = proxies(&["10.0.0.0/8", "192.0.2.1", "fd00::/8"]);
        let cases: &[(&str, Lines<'_>, &str, bool)] = &[
            ("203.0.113.9", &[], "203.0.113.9", true),
            ("203.0.113.9", &[("x-forwarded-for", "1.1.1.1")], "203.0.113.9", false),
            ("203.0.113.9", &[("forwarded", "for=1.1.1.1")], "203.0.113.9", false),
            ("10.0.0.1", &[], "10.0.0.1", true),
            ("10.0.0.1", &[("x-forwarded-for", "1.1.1.1")], "1.1.1.1", true),
            ("10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 1.1.1.1")], "1.1.1.1", true),
            ("10.0.0.1", &[("x-forwarded-for", "6.6.6.6, 1.1.1.1, 10.0.0.2")], "1.1.1.1", true),
            ("10.0.0.1", &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.1.1.1,192.0.2.1")], "1.1.1.1", true),
            ("10.0.0.1", &[("x-forwarded-for", "10.0.0.3, 10.0.0.2")], "10.0.0.3", true),
            ("10.0.0.1", &[("x-forwarded-for", "1.1.1.1:4711")], "1.1.1.1", true),
            ("10.0.0.1", &[("x-forwarded-for", "[2001:db8::7]:4711")], "2001:db8::7", true),
            ("10.0.0.1", &[("x-forwarded-for", "2001:db8::7")], "2001:db8::7", true),
            ("10.0.0.1", &[("x-forwarded-for", "::ffff:1.1.1.1")], "1.1.1.1", true),
            ("10.0.0.1", &[("x-forwarded-for", "1.1.1.1, nonsense")], "10.0.0.1", false),
            ("10.0.0.1", &[("x-forwarded-for", "1.1.1.1, nonsense, 10.0.0.2")], "10.0.0.2", false),
            ("10.0.0.1", &[("x-forwarded-for", "")], "10.0.0.1", false),
            ("10.0.0.1", &[("forwarded", "for=1.1.1.1;proto=https, for=10.0.0.2")], "1.1.1.1", true),
            ("10.0.0.1", &[("forwarded", "by=10.0.0.1;For=\"[2001:db8::7]:4711\"")], "2001:db8::7", true),
            ("10.0.0.1", &[("forwarded", "for=\"1.1.1.1, for=6.6.6.6\"")], "10.0.0.1", false),
            ("10.0.0.1", &[("forwarded", "for=6.6.6.6;by=\", for=1.1.1.1")], "10.0.0.1", false),
            ("10.0.0.1", &[("forwarded", "for=6.6.6.6;by=\"\\, for=1.1.1.1")], "10.0.0.1", false),
            ("10.0.0.1", &[("forwarded", "for=6.6.6.6;by=\"\\\"\", for=1.1.1.1")], "1.1.1.1", true),
            ("10.0.0.1", &[("forwarded", "for=unknown")], "10.0.0.1", false),
            ("10.0.0.1", &[("forwarded", "for=1.1.1.1;for=2.2.2.2")], "10.0.0.1", false),
            ("10.0.0.1", &[("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "1.1.1.1")], "10.0.0.1", false),
            ("::ffff:10.0.0.1", &[("x-forwarded-for", "1.1.1.1")], "1.1.1.1", true),
            ("fd00::1", &[("x-forwarded-for", "1.1.1.1")], "1.1.1.1", true),
        ];
        for (peer, lines, expected, is_known) in cases {
            let client = proxies.client_of(peer.parse().unwrap(), &headers(lines));
            assert_eq!(client, Client { address: expected.parse().unwrap(), is_known: *is_known }, "{peer} {lines:?}");
        }
    }

    proptest::proptest! {
        #![proptest_config(crate::testing::arbitrary::cases(2_000))]
        /// Whatever a client writes, it is not taken for somebody else: what the proxy wrote counts, or nothing is known.
        #[test]
        fn no_header_makes_a_client_another(written in "(for=6[.]6[.]6[.]6|by=|[;,\"\\\\ x]){0,12}", is_quoted: bool) {
            let proxies = proxies(&["10.0.0.0/8"]);
            let peer = "10.0.0.1".parse().unwrap();
            let real: IpAddr = if is_quoted { "2001:db8::7".parse().unwrap() } else { "1.1.1.1".parse().unwrap() };
            let own = if is_quoted { "for=\"[2001:db8::7]:80\"".to_owned() } else { "for=1.1.1.1".to_owned() };
            let forwarded = format!("{written}, {own}");
            let relayed = format!("{written}, {real}");
            let cases: [Lines<'_>; 4] = [
                &[("forwarded", &forwarded)],
                &[("forwarded", &written), ("forwarded", &own)],
                &[("x-forwarded-for", &relayed)],
                &[("x-forwarded-for", &relayed), ("forwarded", &written)],
            ];
            for lines in cases {
                let client = proxies.client_of(peer, &headers(lines));
                let expected = if client.is_known { real } else { peer };
                proptest::prop_assert_eq!(client.address, expected, "{:?}", lines);
            }
        }
    }

    #[test]
    fn proxies_are_not_counted_and_whoever_hides_behind_one_is() {
        let group = |proxies: &Proxies, peer: &str, lines: &[(&str, &str)]| {
            proxies.group(proxies.client_of(peer.parse().unwrap(), &headers(lines)))
        };
        let named = proxies(&["10.0.0.0/8"]);
        assert_eq!(group(&named, "10.0.0.1", &[]), None);
        assert!(group(&named, "10.0.0.1", &[("x-forwarded-for", "nonsense")]).is_some());
        assert!(group(&named, "10.0.0.1", &[("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")]).is_some());
        assert!(group(&named, "127.0.0.1", &[]).is_some());
        let unnamed = Proxies::default();
        assert_eq!(group(&unnamed, "127.0.0.1", &[]), None);
        assert_eq!(group(&unnamed, "::1", &[("x-forwarded-for", "1.1.1.1")]), None);
        assert!(group(&unnamed, "10.0.0.1", &[]).is_some());
        assert_eq!(group(&unnamed, "2001:db8::1", &[]), group(&unnamed, "2001:db8::2:0:0:1", &[]), "one /64");
        assert_ne!(group(&unnamed, "2001:db8::1", &[]), group(&unnamed, "2001:db8:0:1::1", &[]));
        assert_ne!(group(&unnamed, "192.0.2.1", &[]), group(&unnamed, "192.0.2.2", &[]));
    }

    #[test]
    fn a_network_is_one_with_a_prefix_or_a_single_address() {
        let mut networks = Networks::default();
        for network in ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7", "::1"] {
            assert!(networks.add(network), "{network}");
        }
        for network in ["", "10.0.0.0/33", "10.0.0/8", "localhost", "192.0.2.7:80"] {
            assert!(!networks.add(network), "{network}");
        }
    }
}
