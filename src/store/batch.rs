//! Batches: many results in one transaction, and the one poison row found by halving.

use super::Store;
use super::error::{Error, Result};

/// Rows that one statement speaks of: the measured best first, and few distinct statement texts.
const ROWS_PER_STATEMENT: [usize; 3] = [64, 8, 1];

/// Divides rows into runs of a few sizes, so that statements over several rows have few texts.
pub(super) fn in_few_sizes<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = ROWS_PER_STATEMENT
            .into_iter()
            .find(|size| *size <= rest.len())?;
        let (now, later) = rest.split_at(size);
        rest = later;
        Some(now)
    })
}

/// What became of one item of a batch.
#[derive(Debug)]
pub enum Committed<T> {
    /// It is stored.
    Stored(T),
    /// Another worker had taken it over; nothing of it was written.
    ClaimLost,
    /// The database refused it, alone.
    Rejected(Error),
}

/// Commits `items` in one transaction; when the database refuses, halves the batch until the items that it
/// refuses stand alone.
///
/// Only a refusal or a lost claim is halved: a full disk or a lost connection is nobody's row.
pub fn commit_halving<I, T>(
    store: &mut Store,
    name: &'static str,
    items: &[I],
    mut write: impl FnMut(&mut Store, &I) -> Result<T>,
) -> Result<Vec<Committed<T>>> {
    let mut committed = Vec::with_capacity(items.len());
    halve(store, name, items, &mut write, &mut committed)?;
    Ok(committed)
}

fn halve<I, T>(
    store: &mut Store,
    name: &'static str,
    items: &[I],
    write: &mut impl FnMut(&mut Store, &I) -> Result<T>,
    committed: &mut Vec<Committed<T>>,
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let written = store.transaction(name, |store| {
        items
            .iter()
            .map(|item| write(store, item))
            .collect::<Result<Vec<T>>>()
    });
    match written {
        Ok(all) => committed.extend(all.into_iter().map(Committed::Stored)),
        Err(error) if !matches!(error, Error::ClaimLost) && !error.is_rejection() => {
            return Err(error);
        }
        Err(error) if items.len() == 1 => committed.push(match error {
            Error::ClaimLost => Committed::ClaimLost,
            refused => Committed::Rejected(refused),
        }),
        Err(_) => {
            let (front, back) = items.split_at(items.len() / 2);
            halve(store, name, front, write, committed)?;
            halve(store, name, back, write, committed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_divided_whole_and_in_order() {
        let rows: Vec<usize> = (0..147).collect();
        let sizes: Vec<usize> = in_few_sizes(&rows).map(<[usize]>::len).collect();
        assert_eq!(sizes, [64, 64, 8, 8, 1, 1, 1]);
        let joined: Vec<usize> = in_few_sizes(&rows).flatten().copied().collect();
        assert_eq!(joined, rows);
        assert_eq!(in_few_sizes::<usize>(&[]).count(), 0);
    }
}
