//! The integration suites, in one binary.

#[cfg(test)]
mod akeneo_leg;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod attended;
#[cfg(test)]
mod by_hand;
#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod console;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod health;
#[cfg(test)]
mod http_surface;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod legacy;
#[cfg(test)]
mod listening;
#[cfg(test)]
mod offboarding;
#[cfg(test)]
mod probe;
#[cfg(test)]
mod robustness;
#[cfg(test)]
mod salesforce_leg;
#[cfg(test)]
mod self_callout;
#[cfg(test)]
mod store_contract;
#[cfg(test)]
mod trace;
#[cfg(test)]
mod upstream;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod wiring;
