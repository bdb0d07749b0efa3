//! `Cookie` headers, one for each line.
#![no_main]

use connector_tests::entrances::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|lines: &[u8]| text::cookies(lines));
