//! A PIM's address as typed.
#![no_main]

use connector_tests::entrances::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| text::pim_url(typed));
