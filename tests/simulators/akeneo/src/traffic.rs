//! Limits of the API: calls at the same time, calls per second (facts/akeneo 7.4).
//!
//! Real time, unlike everything else: a frozen clock must not stop the counting. What was counted can be asked for, so that a test can
//! prove that a PIM was never asked for more than it is there for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// Counts the calls that are under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traffic(Arc<Mutex<Counts>>);

/// What the API was asked for since the start or the last time that this was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Calls, refused ones included.
    pub calls: u64,
    /// Calls that were under way at the same time, at most.
    pub most_at_once: usize,
}

#[derive(Debug, Default)]
struct Counts {
    load: Load,
    under_way: BTreeMap<String, usize>,
    last_second: VecDeque<Instant>,
}

/// A call that is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    traffic: Traffic,
    connection: String,
}

impl Traffic {
    /// Lets a call in, or not: then the answer is 429.
    pub(crate) fn enter(&self, settings: &Settings, connection: &str) -> Option<Seat> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.load.calls += 1;
        let now = Instant::now();
        while counts
            .last_second
            .front()
            .is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1))
        {
            counts.last_second.pop_front();
        }
        let full = |limit: usize, count: usize| limit != 0 && count >= limit;
        let mine = counts.under_way.get(connection).copied().unwrap_or_default();
        if full(settings.requests_per_second, counts.last_second.len())
            || full(settings.concurrent_calls_per_connection, mine)
            || full(settings.concurrent_calls, counts.under_way.values().sum())
        {
            return None;
        }
        counts.last_second.push_back(now);
        *counts.under_way.entry(connection.to_owned()).or_default() += 1;
        counts.load.most_at_once = counts.load.most_at_once.max(counts.under_way.values().sum());
        Some(Seat {
            traffic: self.clone(),
            connection: connection.to_owned(),
        })
    }

    /// What was counted.
    pub(crate) fn load(&self) -> Load {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).load
    }

    /// Counts anew.
    pub(crate) fn forget_load(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).load = Load::default();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.traffic.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.under_way.get_mut(&self.connection) {
            *count -= 1;
            if *count == 0 {
                counts.under_way.remove(&self.connection);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_calls_at_once_with_one_token_and_ten_in_all() {
        let (traffic, settings) = (Traffic::default(), Settings::default());
        let enter = |connection: &str| traffic.enter(&settings, connection);
        let mut seats: Vec<Option<Seat>> = (0..4).map(|_| enter("a")).collect();
        assert!(seats.iter().all(Option::is_some));
        assert!(enter("a").is_none());
        seats.extend((0..4).map(|_| enter("b")));
        seats.extend((0..2).map(|_| enter("c")));
        assert!(seats.iter().all(Option::is_some));
        assert!(enter("c").is_none(), "ten in all");
        let load = Load {
            calls: 12,
            most_at_once: 10,
        };
        assert_eq!(traffic.load(), load, "refused calls count, and were never under way");
        seats.clear();
        assert!(enter("a").is_some());
        traffic.forget_load();
        assert_eq!(traffic.load(), Load::default());
    }

    #[test]
    fn calls_per_second() {
        let traffic = Traffic::default();
        let settings = Settings {
            requests_per_second: 2,
            ..Settings::default()
        };
        assert!(traffic.enter(&settings, "a").is_some());
        assert!(traffic.enter(&settings, "a").is_some());
        assert!(traffic.enter(&settings, "a").is_none());
    }
}
