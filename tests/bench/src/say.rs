//! What a run says on standard error, so that its figures stay alone on standard output.

use std::io::{self, Write as _};

/// Without a terminal there is nobody to tell.
pub(crate) fn say(words: &str) {
    let _ = writeln!(io::stderr(), "bench-sweep: {words}");
}
