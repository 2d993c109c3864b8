//! A connection that outlasts its loss: a statement alone is tried again on a new one.
//!
//! Owns when one statement may be tried again, and how often and after what waits anything is. A transaction
//! is tried again as a whole, which is the store's own business: within one nothing is tried again here. Of a
//! statement whose answer was lost nobody knows whether it was made, so a change that cannot be made twice needs
//! a transaction.

use std::path::PathBuf;
use std::time::Duration;

use super::engine::{Catalogue, Engine};
use super::error::{Error, FailureKind, Result};
use super::value::{Row, Value};
use crate::model::Timestamp;

/// How often work is tried when the engine says that another try may succeed.
const TRIES: u32 = 8;

/// Waits before work is tried again that failed with `error` for the time numbered `tried`, from 1; gives the
/// error back where another try cannot succeed, or too many have failed.
pub(super) fn wait_to_try_again(error: Error, tried: u32) -> Result<FailureKind> {
    let kind = error.kind();
    if tried >= TRIES || !matches!(kind, FailureKind::Retry | FailureKind::ConnectionLost) {
        return Err(error);
    }
    std::thread::sleep(Duration::from_millis(25 << tried));
    Ok(kind)
}

/// An engine whose statements outlast their connection, between transactions.
pub(super) struct Lasting {
    engine: Box<dyn Engine>,
    in_transaction: bool,
}

/// How one try of a statement failed.
enum Failed {
    /// Nothing came of it.
    Whole(Error),
    /// After rows had been given out, which cannot be taken back.
    Begun(Error),
}

impl Lasting {
    pub(super) fn new(engine: Box<dyn Engine>) -> Self {
        Self {
            engine,
            in_transaction: false,
        }
    }

    fn outlast<T>(
        &mut self,
        mut run: impl FnMut(&mut dyn Engine) -> Result<T, Failed>,
    ) -> Result<T> {
        let mut tried = 0;
        loop {
            let error = match run(self.engine.as_mut()) {
                Ok(done) => return Ok(done),
                Err(Failed::Whole(error)) if !self.in_transaction => error,
                Err(Failed::Whole(error) | Failed::Begun(error)) => return Err(error),
            };
            tried += 1;
            if wait_to_try_again(error, tried)? == FailureKind::ConnectionLost {
                // A server that is not back yet is asked again after the next wait.
                let _ = self.engine.reconnect();
            }
        }
    }
}

impl Engine for Lasting {
    fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64> {
        self.outlast(|engine| engine.execute(sql, parameters).map_err(Failed::Whole))
    }

    fn query(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        self.outlast(|engine| {
            let mut has_begun = false;
            let read = engine.query(sql, parameters, &mut |row| {
                has_begun = true;
                each(row)
            });
            read.map_err(|error| {
                if has_begun {
                    Failed::Begun(error)
                } else {
                    Failed::Whole(error)
                }
            })
        })
    }

    fn clock(&mut self) -> Result<Timestamp> {
        self.outlast(|engine| engine.clock().map_err(Failed::Whole))
    }

    fn begin(&mut self) -> Result<()> {
        self.engine.begin()?;
        self.in_transaction = true;
        Ok(())
    }

    fn begin_snapshot(&mut self) -> Result<()> {
        self.engine.begin_snapshot()?;
        self.in_transaction = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.in_transaction = false;
        self.engine.commit()
    }

    fn rollback(&mut self) -> Result<()> {
        self.in_transaction = false;
        self.engine.rollback()
    }

    fn name(&self) -> &'static str {
        self.engine.name()
    }

    fn address(&self) -> String {
        self.engine.address()
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.engine.batch(sql)
    }

    fn reconnect(&mut self) -> Result<()> {
        self.engine.reconnect()
    }

    fn claim_suffix(&self) -> &'static str {
        self.engine.claim_suffix()
    }

    fn row_lock_suffix(&self) -> &'static str {
        self.engine.row_lock_suffix()
    }

    fn with_migration_lock(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Engine) -> Result<()>,
    ) -> Result<()> {
        // The lock is the connection's: what is done under it must not go on under another.
        self.engine.with_migration_lock(work)
    }

    fn run_migrations(&mut self, runner: &refinery::Runner) -> Result<()> {
        self.engine.run_migrations(runner)
    }

    fn table_names(&mut self) -> Result<Vec<String>> {
        self.engine.table_names()
    }

    fn is_exclusive(&self) -> bool {
        self.engine.is_exclusive()
    }

    fn mark_as_own(&mut self) -> Result<()> {
        self.engine.mark_as_own()
    }

    fn foreign_mark(&mut self) -> Result<Option<String>> {
        self.engine.foreign_mark()
    }

    fn backup(&mut self, label: &str) -> Result<Option<PathBuf>> {
        self.engine.backup(label)
    }

    fn compact(&mut self) -> Result<()> {
        self.engine.compact()
    }

    fn integrity_faults(&mut self) -> Result<Vec<String>> {
        self.engine.integrity_faults()
    }

    fn gather_statistics(&mut self) -> Result<()> {
        self.engine.gather_statistics()
    }

    fn announce_rows(&mut self, table: &'static str) -> Result<()> {
        self.engine.announce_rows(table)
    }

    fn catalogue(&mut self) -> Result<Catalogue> {
        self.engine.catalogue()
    }
}
