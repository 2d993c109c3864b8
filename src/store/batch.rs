//! Batches: many results in one transaction and few statements, and the one poison row found by halving.

use std::fmt::Write as _;

use super::Store;
use super::error::{Error, Result};
use super::value::{Row, Value};

/// Rows that one statement speaks of: the measured best first, and few distinct statement texts. Halves,
/// because each statement is a round trip to a server.
const ROWS_PER_STATEMENT: [usize; 7] = [64, 32, 16, 8, 4, 2, 1];

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

/// Writes `$first` and the numbers after it, `count` of them: `$3, $4, $5`.
pub(super) fn numbers(first: usize, count: usize) -> String {
    let mut text = String::with_capacity(count * 6);
    for number in first..first + count {
        let comma = if number == first { "" } else { ", " };
        let _ = write!(text, "{comma}${number}");
    }
    text
}

impl Store {
    /// Inserts rows, several in a statement: `INSERT INTO {into} VALUES (…), (…) {rest}`, with `values` in
    /// the order of the columns that `into` names. `each` reads what a RETURNING in `rest` gives back.
    pub(super) fn insert_rows<'a, R, const COLUMNS: usize>(
        &mut self,
        into: &str,
        rest: &str,
        rows: &'a [R],
        values: impl Fn(&'a R) -> [Value<'a>; COLUMNS],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        self.insert_rows_given(into, rest, &[], rows, values, each)
    }

    /// As [`Store::insert_rows`], where `rest` may use the numbers of `fixed`, which come first.
    pub(super) fn insert_rows_given<'a, R, const COLUMNS: usize>(
        &mut self,
        into: &str,
        rest: &str,
        fixed: &[Value<'a>],
        rows: &'a [R],
        values: impl Fn(&'a R) -> [Value<'a>; COLUMNS],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        for rows in in_few_sizes(rows) {
            let mut sql = format!("INSERT INTO {into} VALUES ");
            let mut parameters: Vec<Value<'a>> =
                Vec::with_capacity(fixed.len() + rows.len() * COLUMNS);
            parameters.extend_from_slice(fixed);
            for row in rows {
                let is_first = parameters.len() == fixed.len();
                let comma = if is_first { "" } else { ", " };
                let _ = write!(sql, "{comma}({})", numbers(parameters.len() + 1, COLUMNS));
                parameters.extend(values(row));
            }
            sql.push(' ');
            sql.push_str(rest);
            self.engine.query(&sql, &parameters, each)?;
        }
        Ok(())
    }

    /// Runs one query for several keys at a time: `{head} IN (…) {rest}`, where `head` may use the numbers of
    /// `fixed`, which come first.
    pub(super) fn query_among<'a, K: Copy + Into<Value<'a>>>(
        &mut self,
        head: &str,
        rest: &str,
        fixed: &[Value<'a>],
        keys: &[K],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        for keys in in_few_sizes(keys) {
            let sql = format!("{head} IN ({}){rest}", numbers(fixed.len() + 1, keys.len()));
            let mut parameters = fixed.to_vec();
            parameters.extend(keys.iter().map(|key| (*key).into()));
            self.engine.query(&sql, &parameters, each)?;
        }
        Ok(())
    }

    /// As [`Store::query_among`], for a statement that changes rows; returns how many.
    pub(super) fn execute_among<'a, K: Copy + Into<Value<'a>>>(
        &mut self,
        head: &str,
        rest: &str,
        fixed: &[Value<'a>],
        keys: &[K],
    ) -> Result<u64> {
        let mut changed = 0;
        for keys in in_few_sizes(keys) {
            let sql = format!("{head} IN ({}){rest}", numbers(fixed.len() + 1, keys.len()));
            let mut parameters = fixed.to_vec();
            parameters.extend(keys.iter().map(|key| (*key).into()));
            changed += self.engine.execute(&sql, &parameters)?;
        }
        Ok(changed)
    }
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

/// Commits `items` one by one in one transaction; otherwise as [`commit_batch_halving`].
pub fn commit_halving<I, T>(
    store: &mut Store,
    name: &'static str,
    items: &[I],
    mut write: impl FnMut(&mut Store, &I) -> Result<T>,
) -> Result<Vec<Committed<T>>> {
    commit_batch_halving(store, name, items, |store, items| {
        items.iter().map(|item| write(store, item)).collect()
    })
}

/// Commits `items` in one transaction, in which `write` returns one result for each of them; when the
/// database refuses, halves the batch until the items that it refuses stand alone.
///
/// Only a refusal or a lost claim is halved: a full disk or a lost connection is nobody's row.
pub fn commit_batch_halving<I, T>(
    store: &mut Store,
    name: &'static str,
    items: &[I],
    mut write: impl FnMut(&mut Store, &[I]) -> Result<Vec<T>>,
) -> Result<Vec<Committed<T>>> {
    let mut committed = Vec::with_capacity(items.len());
    halve(store, name, items, &mut write, &mut committed)?;
    Ok(committed)
}

fn halve<I, T>(
    store: &mut Store,
    name: &'static str,
    items: &[I],
    write: &mut impl FnMut(&mut Store, &[I]) -> Result<Vec<T>>,
    committed: &mut Vec<Committed<T>>,
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let written = store.transaction(name, |store| write(store, items));
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
        assert_eq!(sizes, [64, 64, 16, 2, 1]);
        let joined: Vec<usize> = in_few_sizes(&rows).flatten().copied().collect();
        assert_eq!(joined, rows);
        assert_eq!(in_few_sizes::<usize>(&[]).count(), 0);
    }
}
