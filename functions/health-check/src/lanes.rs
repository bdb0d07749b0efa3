//! Who is looked at next: many connections side by side, but never two of one PIM.
//!
//! A PIM allows few calls at a time and shares them with the transfers that it is there for (facts/akeneo 7.4).

use std::collections::{HashMap, VecDeque};

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

/// How many of one PIM are kept waiting: more than one invocation can look at one after the other. Those behind them are left out;
/// they stay due, and as they have been due for longer, they come first next time.
const LONGEST: usize = 100;

/// The candidates that wait, and the PIMs that are being called. What it holds is bounded by the PIMs that are called, not by what is due.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    /// Who can be looked at right now; never two of one PIM.
    ready: VecDeque<Candidate>,
    /// Who waits behind another one of the same PIM. A PIM has its lane while it is called or somebody of it is ready.
    behind: HashMap<String, VecDeque<Candidate>>,
    by_task: HashMap<Id, String>,
    left_out: bool,
}

impl Lanes {
    /// Adds a candidate behind the others of its PIM.
    pub(crate) fn add(&mut self, candidate: Candidate) {
        let Some(pim) = &candidate.pim else {
            self.ready.push_back(candidate);
            return;
        };
        match self.behind.get_mut(pim) {
            None => {
                self.behind.insert(pim.clone(), VecDeque::new());
                self.ready.push_back(candidate);
            }
            Some(lane) if lane.len() < LONGEST => lane.push_back(candidate),
            Some(_) => self.left_out = true,
        }
    }

    /// How many can be looked at right now.
    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Whether somebody is still to be looked at: waits, or was left out.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.left_out || !self.ready.is_empty() || self.behind.values().any(|lane| !lane.is_empty())
    }

    /// Takes the candidate that has been ready for longest; from now on its PIM is being called.
    pub(crate) fn next(&mut self) -> Option<Candidate> {
        self.ready.pop_front()
    }

    /// The task that looks at a candidate.
    pub(crate) fn started(&mut self, task: Id, candidate: Candidate) {
        if let Some(pim) = candidate.pim {
            self.by_task.insert(task, pim);
        }
    }

    /// That task has ended, well or not: the next one of its PIM is ready.
    pub(crate) fn ended(&mut self, task: Id) {
        let Some(pim) = self.by_task.remove(&task) else { return };
        match self.behind.get_mut(&pim).and_then(VecDeque::pop_front) {
            Some(candidate) => self.ready.push_back(candidate),
            None => drop(self.behind.remove(&pim)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(number: usize, pim: Option<&str>) -> Candidate {
        Candidate {
            id: ConnectionId::parse(&format!("{number:020}")).unwrap(),
            pim: pim.map(str::to_owned),
        }
    }

    fn start(lanes: &mut Lanes) -> Option<(Id, Candidate)> {
        let candidate = lanes.next()?;
        let task = tokio::spawn(async {}).id();
        lanes.started(task, candidate.clone());
        Some((task, candidate))
    }

    #[tokio::test]
    async fn two_of_one_pim_are_never_taken_at_once() {
        let mut lanes = Lanes::default();
        let [first, second] = [1, 2].map(|number| candidate(number, Some("one")));
        let other = candidate(3, Some("two"));
        for one in [&first, &second, &other] {
            lanes.add(one.clone());
        }
        let (task, taken) = start(&mut lanes).unwrap();
        assert_eq!(taken, first);
        assert_eq!(start(&mut lanes).unwrap().1, other);
        assert!(start(&mut lanes).is_none() && lanes.is_unfinished());
        lanes.ended(task);
        let (task, taken) = start(&mut lanes).unwrap();
        assert_eq!(taken, second);
        lanes.ended(task);
        assert!(!lanes.is_unfinished());
        lanes.add(first.clone());
        assert_eq!(
            start(&mut lanes).unwrap().1,
            first,
            "the lane was given up when it was empty"
        );
    }

    #[tokio::test]
    async fn a_pim_with_many_connections_keeps_nobody_waiting() {
        let mut lanes = Lanes::default();
        for number in 0..5 * LONGEST {
            lanes.add(candidate(number, Some("large")));
        }
        for number in 0..3 {
            lanes.add(candidate(1000 + number, Some(&format!("small-{number}"))));
        }
        lanes.add(candidate(2000, None));
        assert_eq!(lanes.ready(), 5, "one of the large PIM, and everybody else");
        let mut seen = 0;
        while let Some((task, _)) = start(&mut lanes) {
            seen += 1;
            lanes.ended(task);
        }
        assert_eq!(seen, 1 + LONGEST + 4, "what waits for one PIM is bounded");
        assert!(lanes.is_unfinished(), "who was left out is still due");
    }
}
