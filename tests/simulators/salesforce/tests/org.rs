//! The simulator over a real socket, room by room.

#[cfg(test)]
mod org {
    mod api;
    mod client_app;
    mod connect;
    mod credential;
    mod deploy;
    mod faults;
    mod grants;
    mod hop;
    mod legacy;
    mod oauth;
    mod package_install;
    mod pages;
    mod presets;
    mod query;
    mod restart;
    mod single_access;
    pub(crate) mod stage;
    mod tokens;
    mod tooling;
    mod writes;
}
