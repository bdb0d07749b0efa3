//! A URL that Salesforce answered.
#![no_main]

use connector_tests::entrances::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| text::org_url(input));
