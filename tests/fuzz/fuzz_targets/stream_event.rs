//! What invokes `salesforce-patch`, as JSON.
#![no_main]

use std::cell::LazyCell;

use connector_tests::entrances::service::Service;
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static BENCH: LazyCell<(Runtime, Service)> = LazyCell::new(|| {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let service = Service::build().expect("a store");
        (runtime, service)
    });
}

fuzz_target!(|event: &[u8]| {
    BENCH.with(|bench| bench.0.block_on(bench.1.stream_event(event)));
});
