//! Who is looked at next: many connections side by side, but never two of one PIM.
//!
//! A PIM allows few calls at a time and shares them with the transfers that it is there for (facts/akeneo 7.4).

use std::collections::{HashMap, HashSet, VecDeque};

use connector::connection::{Connection, ConnectionId};
use connector::store::Record;
use tokio::task::Id;

/// A connection that is due, with the origin of its PIM, where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) id: ConnectionId,
    pub(crate) pim: Option<String>,
}

impl Candidate {
    /// The connection of a record. One that cannot be read is looked at alone, so that its fault is told.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        let id = record
            .key
            .pk
            .strip_prefix("connection#")
            .and_then(ConnectionId::parse)?;
        let connection: Option<Connection> = record.parse().ok();
        let pim = connection.and_then(|connection| {
            let credentials = connection.wanted_credentials()?;
            Some(credentials.pim.as_str().to_owned())
        });
        Some(Self { id, pim })
    }
}

/// The candidates that wait, and the PIMs that are being called.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    waiting: VecDeque<Candidate>,
    called: HashSet<String>,
    by_task: HashMap<Id, String>,
}

impl Lanes {
    /// Adds a candidate behind the others.
    pub(crate) fn add(&mut self, candidate: Candidate) {
        self.waiting.push_back(candidate);
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes the first candidate whose PIM nobody calls at the moment; from now on it is being called.
    pub(crate) fn next(&mut self) -> Option<Candidate> {
        let free = |candidate: &Candidate| candidate.pim.as_ref().is_none_or(|pim| !self.called.contains(pim));
        let place = self.waiting.iter().position(free)?;
        let candidate = self.waiting.remove(place)?;
        self.called.extend(candidate.pim.clone());
        Some(candidate)
    }

    /// The task that looks at a candidate.
    pub(crate) fn started(&mut self, task: Id, candidate: Candidate) {
        if let Some(pim) = candidate.pim {
            self.by_task.insert(task, pim);
        }
    }

    /// That task has ended, well or not: its PIM is free.
    pub(crate) fn ended(&mut self, task: Id) {
        if let Some(pim) = self.by_task.remove(&task) {
            self.called.remove(&pim);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_of_one_pim_are_never_taken_at_once() {
        let candidate = |id: &str, pim: &str| Candidate {
            id: ConnectionId::parse(id).unwrap(),
            pim: Some(pim.to_owned()),
        };
        let [first, second, third] = ["a", "b", "c"].map(|letter| letter.repeat(20));
        let mut lanes = Lanes::default();
        for (id, pim) in [(&first, "one"), (&second, "one"), (&third, "two")] {
            lanes.add(candidate(id, pim));
        }
        let taken = lanes.next().unwrap();
        assert_eq!(taken.id.as_str(), first);
        let task = tokio::spawn(async {});
        lanes.started(task.id(), taken);
        assert_eq!(lanes.next().unwrap().id.as_str(), third);
        assert_eq!((lanes.next(), lanes.waiting()), (None, 1));
        lanes.ended(task.id());
        assert_eq!(lanes.next().unwrap().id.as_str(), second);
    }
}
