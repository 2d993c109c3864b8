//! Every line of SQL: two engines behind one seam, one file per table group.
//!
//! Nothing outside this room names a table or a database crate. A [`Store`] is owned by one plain thread
//! (the Postgres client aborts inside an async task); everything else reaches it through channels.
//! Transactions are short and never stay open across a wait for the network.

mod accounts;
mod address;
mod archives;
mod barren;
mod batch;
mod blocks;
mod bodies;
mod canonicals;
mod chains;
mod checks;
mod claims;
mod closing;
mod comparisons;
mod coverage;
mod crash;
mod credentials;
mod dropping;
mod duplicates;
mod engine;
mod entities;
mod erasing;
mod error;
mod events;
mod exported;
mod exports;
mod extracted;
mod extractions;
mod fields;
mod found;
mod frontier;
mod gaps;
mod given;
mod incomplete;
mod jobs;
mod known;
mod lasting;
mod limits;
mod link_rows;
mod lookups;
mod mentioned;
mod merges;
mod origins;
mod outcomes;
mod overview;
mod pages;
mod passes;
mod postgres;
mod postgres_catalogue;
mod postgres_tls;
mod reports;
mod results;
mod schema;
mod search;
mod selection;
mod source_facts;
mod sources;
mod sqlite;
mod sqlite_catalogue;
mod value;
mod versions;
mod workers;

use std::path::PathBuf;

use engine::Engine;
use events::Chain;
use lasting::{Lasting, wait_to_try_again};
use schema::Condition;

pub use accounts::{JobDeletion, PassEnd, WordCount};
pub use address::DatabaseAddress;
pub use archives::ArchiveRow;
pub use batch::{Committed, commit_batch_halving, commit_halving};
pub use blocks::{GroupBlocks, StoredBlock};
pub use bodies::unpack_links;
pub use chains::{ChainFault, ChainReading, ErasedPayloads, RunReading};
pub use checks::{LinkCheck, Violation};
pub use claims::{Claimed, HostShare, Postponed};
pub use closing::Closing;
pub use comparisons::FrontierEnd;
pub use coverage::{FoundUrl, StoredUrl};
pub use crash::{
    PLACES as CRASH_PLACES, TRANSACTIONS as CRASH_TRANSACTIONS, arm as arm_crash_point,
};
pub use credentials::Credentials;
pub use dropping::{BodyDrop, UnusedBody};
pub use duplicates::{ContentOwner, StoredContent};
pub use engine::{Catalogue, CatalogueTable};
pub use entities::EntityRow;
pub use erasing::Erasure;
pub use error::{Error, FailureKind, Result, StatementError};
pub use events::{Invocation, NewRun};
pub use exported::NewExport;
pub use exports::{
    EventOrder, ExportedEntity, ExportedEvent, ExportedExtraction, ExportedMention, ResolvedGap,
    SourceCopy,
};
pub use extracted::{ExtractedSource, ExtractedText, PassState};
pub use extractions::{ExtractionRow, IncompleteText};
pub use fields::FieldsRow;
pub use frontier::{Claims, FrontierCounts};
pub use gaps::GapOwner;
pub use given::{Cited, CitedKind};
pub use incomplete::{IncompleteCount, IncompleteFilter, IncompleteRow};
pub use jobs::{DeletedJob, NewJob, WorkEnd};
pub use lookups::{FrontierRow, Refusal};
pub use mentioned::MentionedEntity;
pub use merges::{MentionRow, MergedName};
pub use origins::{ExtractionOrigin, MentionOrigin, NamedExtraction, NamedSource};
pub use overview::{GapTurn, SourceCounts};
pub use passes::ClaimedPass;
pub use reports::{BalanceRow, EventRow, OutcomeCount, ProvenanceJob, ProvenanceSource};
pub use schema::{Downgrade, SchemaVersion};
pub use search::{FoundText, SearchText, UnsearchedText};
pub use selection::{Scope, Selection};
pub use source_facts::{GapRow, SourceFacts};
pub use sources::StoredBody;
pub use versions::StoredAnswer;
pub use workers::WorkerIdentity;

/// What a command may do to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Create a missing one; go up on a file, after a backup; on a server only where no rows are.
    Create,
    /// Create a missing one and go up wherever it is.
    Migrate,
    /// Change rows of one that is there and up to date.
    Write,
    /// Look, and never change anything.
    Read,
    /// Look at whatever version is there.
    Inspect,
    /// Change the schema of whatever version is there.
    Downgrade,
}

/// What came of one try at a transaction.
enum Tried<T> {
    Done(T),
    Failed(Error),
    CommitFailed(Error, T),
}

/// An open database.
pub struct Store {
    engine: Box<dyn Engine>,
    chain: Option<Chain>,
    backup: Option<PathBuf>,
}

impl Store {
    /// Opens the database at `address` for what `access` allows.
    pub fn open(
        address: &DatabaseAddress,
        credentials: &Credentials,
        access: Access,
    ) -> Result<Self> {
        let looks_only = matches!(access, Access::Read | Access::Inspect);
        let engine: Box<dyn Engine> = match address {
            DatabaseAddress::File(path) => {
                let how = match access {
                    Access::Create | Access::Migrate => sqlite::FileAccess::Create,
                    Access::Write | Access::Downgrade => sqlite::FileAccess::Write,
                    Access::Read | Access::Inspect => sqlite::FileAccess::Read,
                };
                Box::new(sqlite::Sqlite::open(path, how)?)
            }
            DatabaseAddress::Server(server) => {
                Box::new(postgres::Postgres::open(server, credentials, looks_only)?)
            }
        };
        let mut engine = Lasting::new(engine);
        let backup = prepare(&mut engine, access)?;
        Ok(Self {
            engine: Box::new(engine),
            chain: None,
            backup,
        })
    }

    /// Runs `work` in one transaction, again when the engine says that another try may succeed.
    ///
    /// `name` is one of [`CRASH_TRANSACTIONS`]. `work` must not keep what it computed in an earlier try.
    pub fn transaction<T>(
        &mut self,
        name: &'static str,
        mut work: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let mut tried = 0;
        loop {
            let before = self.chain.clone();
            let (error, finished) = match self.try_transaction(name, &mut work) {
                Tried::Done(done) => return Ok(done),
                Tried::Failed(error) => (error, None),
                Tried::CommitFailed(error, done) => (error, Some((done, self.chain.clone()))),
            };
            self.chain = before;
            tried += 1;
            let kind = wait_to_try_again(error, tried)?;
            if kind == FailureKind::ConnectionLost && self.engine.reconnect().is_ok() {
                // A commit whose answer was lost may have been made: the record in the database decides.
                if let Some((done, Some(written))) = finished
                    && self
                        .chain
                        .as_ref()
                        .is_none_or(|before| !before.is_at(&written))
                    && self.is_recorded(&written)?
                {
                    self.chain = Some(written);
                    return Ok(done);
                }
            }
        }
    }

    fn try_transaction<T>(
        &mut self,
        name: &'static str,
        work: &mut impl FnMut(&mut Self) -> Result<T>,
    ) -> Tried<T> {
        if let Err(error) = self.engine.begin() {
            return Tried::Failed(error);
        }
        crash::reached(name, "begun");
        let done = match work(self) {
            Ok(done) => done,
            Err(error) => {
                // What stopped the work is the error to tell, not a failure to give it up.
                let _ = self.engine.rollback();
                return Tried::Failed(error);
            }
        };
        crash::reached(name, "before_commit");
        if let Err(error) = self.engine.commit() {
            let _ = self.engine.rollback();
            return Tried::CommitFailed(error, done);
        }
        crash::reached(name, "after_commit");
        Tried::Done(done)
    }

    /// Reads in one transaction, so that the parts of a report agree with each other; again when the connection
    /// was lost, so that `work` must not keep what it read in an earlier try.
    pub fn snapshot<T>(&mut self, mut work: impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        let mut tried = 0;
        loop {
            let begun = self.engine.begin_snapshot();
            let read = begun.and_then(|()| {
                let read = work(self);
                let ended = self.engine.rollback();
                read.and_then(|read| ended.map(|()| read))
            });
            let error = match read {
                Ok(read) => return Ok(read),
                Err(error) => error,
            };
            tried += 1;
            if wait_to_try_again(error, tried)? == FailureKind::ConnectionLost {
                // A server that is not back yet is asked again after the next wait.
                let _ = self.engine.reconnect();
            }
        }
    }

    /// The copy that was made before the file was migrated, if it was.
    pub fn backup(&self) -> Option<&PathBuf> {
        self.backup.as_ref()
    }

    /// The engine's name, for `--verbose`.
    pub fn engine_name(&self) -> &'static str {
        self.engine.name()
    }

    /// The address, without secrets.
    pub fn address(&self) -> String {
        self.engine.address()
    }

    /// The database's clock.
    pub fn clock(&mut self) -> Result<crate::model::Timestamp> {
        self.engine.clock()
    }

    /// What stands in the database, in one shape for both engines.
    pub fn catalogue(&mut self) -> Result<Catalogue> {
        self.engine.catalogue()
    }

    /// The newest version of the schema that this program knows.
    pub fn supported_version() -> i64 {
        schema::supported_version()
    }

    /// Every version of the schema, with what the database has of them.
    pub fn versions(&mut self) -> Result<Vec<SchemaVersion>> {
        schema::versions(self.engine.as_mut())
    }

    /// Goes up to `target`; returns the version before (none: it was empty) and after.
    pub fn migrate(&mut self, target: Option<i64>) -> Result<(Option<i64>, i64)> {
        let (before, after, backup) = schema::migrate(self.engine.as_mut(), target)?;
        self.backup = backup;
        let before = match before {
            Condition::Empty => None,
            Condition::At(version) => Some(version),
        };
        Ok((before, after))
    }

    /// Says what going down to `target` would take away.
    pub fn plan_downgrade(&mut self, target: i64) -> Result<Downgrade> {
        schema::plan_downgrade(self.engine.as_mut(), target)
    }

    /// Goes down to `target`; `allow_rows` says that tables with rows may go.
    pub fn downgrade(&mut self, target: i64, allow_rows: bool) -> Result<Downgrade> {
        schema::downgrade(self.engine.as_mut(), target, allow_rows)
    }
}

/// Brings a database to the version that `access` needs, or says why it may not.
fn prepare(engine: &mut dyn Engine, access: Access) -> Result<Option<PathBuf>> {
    let supported = schema::supported_version();
    let address = engine.address();
    match (schema::condition(engine)?, access) {
        (Condition::At(found), _) if found > supported => Err(Error::NewerSchema {
            address,
            found,
            supported,
        }),
        (Condition::At(found), _) if found == supported => Ok(None),
        // `db migrate` decides itself how far it goes.
        (_, Access::Migrate) | (Condition::At(_), Access::Inspect | Access::Downgrade) => Ok(None),
        (Condition::Empty, Access::Create) => schema::migrate(engine, None).map(|done| done.2),
        (Condition::Empty, _) => Err(Error::Missing(address)),
        (Condition::At(found), Access::Create) => {
            if engine.is_exclusive() || !schema::holds_rows(engine)? {
                schema::migrate(engine, None).map(|done| done.2)
            } else {
                Err(Error::OlderSchema {
                    address,
                    found,
                    needed: supported,
                })
            }
        }
        (Condition::At(found), Access::Write | Access::Read) => Err(Error::OlderSchema {
            address,
            found,
            needed: supported,
        }),
    }
}
