//! Callbacks: which of them lead to a token request, which are relayed to the org, and which only to a page (design section 5).

mod exchange;
mod relay;
mod state;
