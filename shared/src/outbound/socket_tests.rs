//! The outbound rules over real sockets.

mod answers;
mod reach;

use std::time::Duration;

use http::Method;
use url::Url;

use super::{Call, Retry};

const FIVE: Duration = Duration::from_secs(5);

fn once(url: Url) -> Call {
    Call {
        retry: Retry::Never,
        ..Call::new("test.call", Method::GET, url)
    }
}
