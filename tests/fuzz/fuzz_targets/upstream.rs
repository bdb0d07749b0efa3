//! Answers of the PIM and of the org, over a socket: which call, status and type, body.
#![no_main]

use std::cell::LazyCell;

use connector_tests::entrances::upstream::Upstream;
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static BENCH: LazyCell<(Runtime, Upstream)> = LazyCell::new(|| {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let upstream = runtime.block_on(Upstream::start()).expect("a port");
        (runtime, upstream)
    });
}

fuzz_target!(|input: (u8, u8, &[u8])| {
    BENCH.with(|bench| bench.0.block_on(bench.1.answer_with(input.0, input.1, input.2)));
});
