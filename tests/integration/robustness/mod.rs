//! Every parser of outside input, with inputs that nobody would think of: no panic, no hang, bounded (security, "Robust input").
//! The same entrances are fuzzed (`tests/fuzz`).

mod events;
mod text;
mod upstream;

use std::time::{Duration, Instant};

/// A parser that takes longer than this, even on a busy machine, has gone wrong.
const SLOW: Duration = Duration::from_secs(5);

/// Runs a parser over a big input and sees that it does not take for ever.
fn soon(what: &str, parse: impl FnOnce()) {
    let began = Instant::now();
    parse();
    assert!(began.elapsed() < SLOW, "{what} took {:?}", began.elapsed());
}
