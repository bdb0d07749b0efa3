//! The entrances of outside input: each parser as one function from what comes in to what must hold whatever comes in.
//!
//! The property tests (`integration/robustness`) and the fuzz targets (`fuzz/`) go through the same functions, so that a case
//! which one of them finds can be put into the other. They assert; they know no fixed answers.

pub mod service;
pub mod text;
pub mod upstream;

/// The path of every entrance. The architecture tests hold each against a fuzz target of the same name.
pub const NAMES: [&str; 11] = [
    "connection_id",
    "cookies",
    "form",
    "http_request",
    "login_host",
    "operator_json",
    "org_url",
    "pim_url",
    "redirect",
    "stream_event",
    "upstream",
];
