//! The query of a callback.
#![no_main]

use connector_tests::entrances::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| text::redirect(query));
