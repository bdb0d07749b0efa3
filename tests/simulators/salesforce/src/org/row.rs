//! Parameter rows: the typed name/value lists that hold most of a credential's configuration.
//!
//! A write replaces the whole list. A row that keeps its type, name and group is the same row: it keeps its id and its origin.

use crate::identifier::Mint;

/// What the three kinds of parameter rows have in common.
pub(crate) trait ParameterRow {
    /// What makes it the same row after a write.
    fn key(&self) -> (&str, &str, &str);
    fn id(&self) -> &str;
    fn packaged(&self) -> bool;
    fn adopt(&mut self, id: String, packaged: bool);
    /// Id prefix of rows of this kind.
    fn prefix(&self) -> &'static str;
}

/// Gives each new row the id of the old row with the same key, or a fresh one.
pub(crate) fn carry_over<R: ParameterRow>(old: &[R], new: &mut [R], mint: &mut Mint) {
    let mut taken: Vec<&str> = Vec::new();
    for row in new.iter_mut() {
        let kept = old
            .iter()
            .find(|earlier| earlier.key() == row.key() && !taken.contains(&earlier.id()));
        if let Some(earlier) = kept {
            taken.push(earlier.id());
            row.adopt(earlier.id().to_owned(), earlier.packaged());
        } else {
            let id = mint.id(row.prefix());
            row.adopt(id, false);
        }
    }
}

/// Marks every row as part of the package.
pub(crate) fn seal<R: ParameterRow>(rows: &mut [R], mint: &mut Mint) {
    for row in rows {
        let id = mint.id(row.prefix());
        row.adopt(id, true);
    }
}

/// The first type and name that appear twice.
pub(crate) fn duplicate<R: ParameterRow>(rows: &[R]) -> Option<(&str, &str)> {
    rows.iter().enumerate().find_map(|(index, row)| {
        let (kind, name, _) = row.key();
        rows[..index]
            .iter()
            .any(|earlier| earlier.key() == row.key())
            .then_some((kind, name))
    })
}
