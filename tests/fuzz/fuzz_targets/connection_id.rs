//! A connection's id in a path.
#![no_main]

use connector_tests::entrances::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| text::connection_id(input));
