//! How much the org is asked for: requests, and how many of them at the same time.
//!
//! For tests that prove that nobody floods an org. The limits that an org enforces itself are elsewhere (facts/salesforce 12.4).

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What was asked for since the start or the last time that this was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Requests.
    pub calls: u64,
    /// Requests that were under way at the same time, at most.
    pub most_at_once: usize,
}

#[derive(Debug, Default)]
struct Counts {
    load: Load,
    under_way: usize,
}

/// Counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traffic(Arc<Mutex<Counts>>);

/// A request that is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay(Traffic);

impl Traffic {
    /// A request came.
    pub(crate) fn enter(&self) -> UnderWay {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.under_way += 1;
        counts.load.calls += 1;
        counts.load.most_at_once = counts.load.most_at_once.max(counts.under_way);
        UnderWay(self.clone())
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

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).under_way -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_at_once_is_kept_when_they_are_gone() {
        let traffic = Traffic::default();
        let both = [traffic.enter(), traffic.enter()];
        drop(both);
        drop(traffic.enter());
        let load = Load {
            calls: 3,
            most_at_once: 2,
        };
        assert_eq!(traffic.load(), load);
        traffic.forget_load();
        assert_eq!(traffic.load(), Load::default());
    }
}
