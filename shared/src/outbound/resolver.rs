//! The resolver of the strict client: a name with a non-public address has no address.
//!
//! It looks the name up once per connection and hands exactly the addresses that it judged to the connector, so a name
//! that changes its address between check and use (DNS rebinding) gains nothing. One non-public address among public ones
//! is enough to refuse the name.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// Finds the addresses of a name.
pub(super) trait Lookup: Clone + Send + Sync + 'static {
    /// All addresses of `host`, with port 0.
    fn addresses(&self, host: String) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;
}

/// The operating system's resolver.
#[derive(Debug, Clone, Copy)]
pub(super) struct SystemLookup;

impl Lookup for SystemLookup {
    async fn addresses(&self, host: String) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.collect())
    }
}

/// A name was refused because of where it leads. Does not say where that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name leads to a non-public address")]
pub(super) struct NotPublic;

/// Resolves names, public addresses only.
#[derive(Debug, Clone, Copy)]
pub(super) struct PublicOnly<L>(pub(super) L);

impl<L: Lookup> Resolve for PublicOnly<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = self.0.clone();
        Box::pin(async move {
            let found = lookup.addresses(name.as_str().to_owned()).await?;
            let addresses: Addrs = Box::new(public_only(found)?.into_iter());
            Ok(addresses)
        })
    }
}

fn public_only(found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    if found.iter().all(|address| is_public(address.ip())) {
        Ok(found)
    } else {
        Err(NotPublic)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Answers with the next list each time it is asked, like a name server that plays DNS rebinding.
    #[derive(Clone)]
    pub(in crate::outbound) struct Rebinding {
        answers: Arc<Vec<Vec<SocketAddr>>>,
        asked: Arc<AtomicUsize>,
    }

    impl Rebinding {
        pub(in crate::outbound) fn new(answers: &[&[&str]]) -> Self {
            let parse = |list: &&[&str]| {
                list.iter()
                    .map(|address| SocketAddr::new(address.parse().unwrap(), 0))
                    .collect()
            };
            Self {
                answers: Arc::new(answers.iter().map(parse).collect()),
                asked: Arc::default(),
            }
        }

        pub(in crate::outbound) fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    impl Lookup for Rebinding {
        async fn addresses(&self, _host: String) -> io::Result<Vec<SocketAddr>> {
            let turn = self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(self.answers[turn % self.answers.len()].clone())
        }
    }

    async fn resolve(lookup: &Rebinding) -> Result<Vec<String>, String> {
        let resolver = PublicOnly(lookup.clone());
        let found = resolver.resolve("rebind.example.com".parse().unwrap()).await;
        found
            .map(|found| found.map(|address| address.ip().to_string()).collect())
            .map_err(|fault| fault.to_string())
    }

    #[tokio::test]
    async fn the_address_used_is_the_one_that_was_checked() {
        let lookup = Rebinding::new(&[&["93.184.216.34", "2606:2800:220:1::1"], &["127.0.0.1"]]);
        assert_eq!(resolve(&lookup).await.unwrap(), ["93.184.216.34", "2606:2800:220:1::1"]);
        assert_eq!(lookup.asked(), 1, "one look-up feeds both the check and the connection");
        assert_eq!(
            resolve(&lookup).await.unwrap_err(),
            NotPublic.to_string(),
            "the next connection is checked anew"
        );
    }

    #[tokio::test]
    async fn one_non_public_address_refuses_the_name() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "::1",
            "::ffff:8.8.8.8",
            "fd00:ec2::254",
        ] {
            let lookup = Rebinding::new(&[&["93.184.216.34", private, "8.8.8.8"]]);
            assert_eq!(resolve(&lookup).await.unwrap_err(), NotPublic.to_string(), "{private}");
        }
    }

    #[tokio::test]
    async fn the_systems_resolver_is_filtered_too() {
        let resolver = PublicOnly(SystemLookup);
        let refused = resolver.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(refused.is::<NotPublic>());
    }
}
