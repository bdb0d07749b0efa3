//! The simulator over a real socket, room by room.

#[cfg(test)]
mod org {
    mod api;
    mod connect;
    mod credential;
    mod deploy;
    mod faults;
    mod grants;
    mod hop;
    mod oauth;
    mod pages;
    mod presets;
    mod query;
    mod restart;
    pub(crate) mod stage;
    mod tokens;
    mod tooling;
}
