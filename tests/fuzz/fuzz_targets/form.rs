//! A posted form: content type and body.
#![no_main]

use connector_tests::entrances::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| text::form(input.0, input.1));
