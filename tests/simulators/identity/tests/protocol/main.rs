//! The provider's protocol, over real HTTP.

#[cfg(test)]
mod flow;
