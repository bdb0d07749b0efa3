//! A whole request to the HTTP functions: method, target, cookies, body.
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

fuzz_target!(|input: (u8, &str, &[u8], &[u8])| {
    BENCH.with(|bench| {
        bench
            .0
            .block_on(bench.1.http_request(input.0, input.1, input.2, input.3))
    });
});
