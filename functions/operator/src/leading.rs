//! The first rows of many, in some order: a page is cut out of all connections while no more than a few pages are in memory.

use std::cmp::Ordering;

/// Keeps the rows that come first.
#[derive(Debug)]
pub(crate) struct Leading<T> {
    most: usize,
    descending: bool,
    after: Option<String>,
    rows: Vec<(String, T)>,
}

impl<T> Leading<T> {
    /// At most `most` rows, of those behind the place `after`.
    pub(crate) fn new(most: usize, descending: bool, after: Option<String>) -> Self {
        Self {
            most,
            descending,
            after,
            rows: Vec::new(),
        }
    }

    fn order(&self, one: &str, other: &str) -> Ordering {
        if self.descending {
            other.cmp(one)
        } else {
            one.cmp(other)
        }
    }

    /// Takes a row at its place, if it belongs there. The same place a second time is the same row.
    pub(crate) fn put(&mut self, place: String, row: impl FnOnce() -> T) {
        let behind = |after: &String| self.order(&place, after) == Ordering::Greater;
        if !self.after.as_ref().is_none_or(behind) {
            return;
        }
        self.rows.push((place, row()));
        // One row more than the page has says that there is another page.
        if self.rows.len() > 2 * (self.most + 1) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by(|one, other| self.order(&one.0, &other.0));
        rows.dedup_by(|one, other| one.0 == other.0);
        rows.truncate(self.most + 1);
        self.rows = rows;
    }

    /// The rows with their places, and whether there are more behind them.
    pub(crate) fn end(mut self) -> (Vec<(String, T)>, bool) {
        self.settle();
        let more = self.rows.len() > self.most;
        self.rows.truncate(self.most);
        (self.rows, more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All pages of these places, with the most that was held at once.
    fn pages(places: &[u32], most: usize, descending: bool) -> (Vec<String>, usize) {
        let (mut all, mut after, mut held) = (Vec::new(), None, 0);
        loop {
            let mut leading = Leading::new(most, descending, after);
            for place in places {
                leading.put(format!("{place:04}"), || ());
                held = held.max(leading.rows.len());
            }
            let (rows, more) = leading.end();
            all.extend(rows.iter().map(|(place, ())| place.clone()));
            after = all.last().cloned();
            if !more {
                return (all, held);
            }
        }
    }

    #[test]
    fn pages_lead_through_everything_once_in_order_and_hold_little() {
        // Each number below 997 twice, well mixed.
        let places: Vec<u32> = (0..2 * 997).map(|number| number * 353 % 997).collect();
        for (most, descending) in [
            (1, false),
            (7, false),
            (7, true),
            (996, false),
            (997, true),
            (5000, false),
        ] {
            let (found, held) = pages(&places, most, descending);
            let mut expect: Vec<_> = (0..997).map(|place| format!("{place:04}")).collect();
            if descending {
                expect.reverse();
            }
            assert_eq!(found, expect, "{most} {descending}");
            assert!(held <= 2 * (most + 1) + 1, "{held} of {most}");
        }
    }
}
