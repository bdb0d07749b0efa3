//! Who is connected to whom, where each listens, and what is broken. Pure: both sides work it out from the same few numbers.
//!
//! Most PIMs have one connection, some have two, three or five, and one has very many, so that a sweep which lets a busy PIM hold up the
//! others would show. What is broken is spread evenly over the PIMs that have one connection.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::trouble::Trouble;

/// Connections of the largest PIM, if there are ten times as many in all.
const LARGE: usize = 100;
/// Connections of the PIMs after it, again and again.
const SIZES: [usize; 13] = [1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 5];
/// As many as there are loopback addresses for, at one address for each org.
pub(crate) const MOST: usize = 50_000;

/// The numbers.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// How many connections.
    pub(crate) connections: usize,
    /// How many of them are broken.
    pub(crate) broken: usize,
    /// The port that every simulator listens on, each at an address of its own.
    pub(crate) port: u16,
    /// Milliseconds that every answer takes.
    pub(crate) latency_ms: u64,
}

/// One connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Counts from nothing.
    pub(crate) number: usize,
    /// Which PIM, counting from nothing.
    pub(crate) pim: usize,
    /// What is broken.
    pub(crate) trouble: Option<Trouble>,
}

impl Plan {
    /// Every connection.
    pub(crate) fn places(&self) -> Vec<Place> {
        let large = LARGE.min(self.connections / 10);
        let mut places: Vec<Place> = Vec::with_capacity(self.connections);
        let sizes = std::iter::once(large).chain(SIZES.into_iter().cycle());
        let mut alone = Vec::new();
        for (pim, size) in sizes.enumerate() {
            let size = size.min(self.connections - places.len());
            if size == 1 {
                alone.push(places.len());
            }
            for _ in 0..size {
                places.push(Place {
                    number: places.len(),
                    pim,
                    trouble: None,
                });
            }
            if places.len() == self.connections {
                break;
            }
        }
        let broken = self.broken.min(alone.len());
        for count in 0..broken {
            let number = alone[count * alone.len() / broken];
            places[number].trouble = Some(Trouble::ALL[count % Trouble::ALL.len()]);
        }
        places
    }

    /// Where an org listens.
    pub(crate) fn org(&self, number: usize) -> String {
        self.origin(org_address(number))
    }

    /// Where a PIM listens.
    pub(crate) fn pim(&self, pim: usize) -> String {
        self.origin(pim_address(pim))
    }

    fn origin(&self, address: Ipv4Addr) -> String {
        format!("http://{address}:{}", self.port)
    }
}

/// The address of an org.
pub(crate) fn org_address(number: usize) -> Ipv4Addr {
    address(1, number)
}

/// The address of a PIM.
pub(crate) fn pim_address(pim: usize) -> Ipv4Addr {
    address(2, pim)
}

/// Every address below 127 is this machine's own.
fn address(block: u8, number: usize) -> Ipv4Addr {
    let part = |value: usize| u8::try_from(value).unwrap_or(u8::MAX);
    Ipv4Addr::new(127, block, part(number / 250), part(number % 250 + 1))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn plan(connections: usize, broken: usize) -> Plan {
        Plan {
            connections,
            broken,
            port: 1,
            latency_ms: 0,
        }
    }

    #[test]
    fn a_tenth_is_broken_in_every_way_and_one_pim_is_large() {
        let plan = plan(10_000, 1000);
        let places = plan.places();
        let (mut ways, mut pims) = (BTreeMap::<&str, usize>::new(), BTreeMap::<usize, usize>::new());
        for place in &places {
            *pims.entry(place.pim).or_default() += 1;
            if let Some(trouble) = place.trouble {
                *ways.entry(trouble.name()).or_default() += 1;
            }
        }
        assert_eq!((places.len(), ways.values().sum::<usize>()), (10_000, 1000));
        assert_eq!(ways.len(), Trouble::ALL.len());
        assert!(ways.values().max().unwrap() - ways.values().min().unwrap() <= 1);
        assert_eq!(pims[&0], 100);
        assert!(pims.values().filter(|size| **size == 1).count() > 4000);
        assert!(
            places
                .iter()
                .all(|place| place.trouble.is_none() || pims[&place.pim] == 1)
        );
    }

    #[test]
    fn everybody_has_an_address_of_their_own_on_loopback() {
        let all: BTreeSet<_> = (0..MOST)
            .flat_map(|number| [org_address(number), pim_address(number)])
            .collect();
        assert_eq!(all.len(), 2 * MOST);
        assert!(all.iter().all(Ipv4Addr::is_loopback));
        assert_eq!(plan(1, 0).places().len(), 1);
        assert_eq!(plan(0, 0).places().len(), 0);
    }
}
