//! Facts as three sheets of one shape: what the value of a cell is, how good it is, and where it is from.
//!
//! A line of each sheet is a record and a column is a field, so that a cell on one sheet is explained by the cells
//! at the same place on the others. A field that keeps several values takes as many lines of its record. Holds one
//! record at a time, and the names of all fields, which are the columns.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value as Json;

use crate::model::JobId;
use crate::report::Cell;
use crate::report::facts::{FactLine, GroupBy, each_fact};
use crate::store::{Error, Result, Store};

/// The columns before those of the fields.
const RECORD_KEYS: [&str; 5] = ["source_group", "profile", "record_type", "key", "line"];

/// Takes sheets, one after the other.
pub trait SheetSink {
    /// Begins; also anew, when the connection was lost on the way: what came before counts no more.
    fn begin(&mut self) -> io::Result<()>;

    /// Begins the next sheet.
    fn sheet(&mut self, name: &'static str, keys: Vec<String>) -> io::Result<()>;

    /// Takes the next row of the sheet.
    fn row(&mut self, cells: Vec<Cell>) -> io::Result<()>;
}

/// What a sheet shows of a value.
#[derive(Debug, Clone, Copy)]
enum Aspect {
    Data,
    Quality,
    Sources,
}

impl Aspect {
    const ALL: [Self; 3] = [Self::Data, Self::Quality, Self::Sources];

    fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Quality => "quality",
            Self::Sources => "sources",
        }
    }

    fn cell(self, line: &FactLine) -> Cell {
        match self {
            Self::Data => data(line),
            Self::Quality => Cell::Text(quality(line)),
            Self::Sources => Cell::from(line.uri.as_str()),
        }
    }
}

/// Hands the sheets of one state of the database on; of what one job read, if asked.
pub fn fact_sheets(store: &mut Store, job: Option<JobId>, sink: &mut dyn SheetSink) -> Result<()> {
    store.snapshot(|store| {
        sink.begin().map_err(Error::Output)?;
        let mut fields: BTreeMap<String, usize> = BTreeMap::new();
        each_fact(store, GroupBy::Group, None, None, job, &mut |line| {
            fields.entry(line.field).or_default();
            Ok(())
        })?;
        for (place, column) in fields.values_mut().enumerate() {
            *column = place;
        }
        for aspect in Aspect::ALL {
            let keys = RECORD_KEYS.map(str::to_owned).into_iter();
            let keys = keys.chain(fields.keys().cloned()).collect();
            sink.sheet(aspect.name(), keys).map_err(Error::Output)?;
            let mut record: Vec<FactLine> = Vec::new();
            each_fact(store, GroupBy::Group, None, None, job, &mut |line| {
                if record
                    .first()
                    .is_some_and(|first| !is_same_record(first, &line))
                {
                    put(&std::mem::take(&mut record), aspect, &fields, sink)?;
                }
                record.push(line);
                Ok(())
            })?;
            put(&record, aspect, &fields, sink)?;
        }
        Ok(())
    })
}

fn is_same_record(one: &FactLine, other: &FactLine) -> bool {
    let key = |line: &FactLine| {
        (
            line.source_group.clone(),
            line.profile.clone(),
            line.record_type.clone(),
            line.key.clone(),
        )
    };
    key(one) == key(other)
}

/// Hands on the lines of one record.
fn put(
    record: &[FactLine],
    aspect: Aspect,
    fields: &BTreeMap<String, usize>,
    sink: &mut dyn SheetSink,
) -> Result<()> {
    let Some(first) = record.first() else {
        return Ok(());
    };
    let mut columns: BTreeMap<&str, Vec<&FactLine>> = BTreeMap::new();
    for line in record {
        columns.entry(&line.field).or_default().push(line);
    }
    let height = columns.values().map(Vec::len).max().unwrap_or(0);
    for number in 0..height {
        let mut cells = vec![
            Cell::from(first.source_group.clone()),
            Cell::from(first.profile.as_str()),
            Cell::from(first.record_type.as_str()),
            Cell::from(first.key.clone()),
            Cell::from(number + 1),
        ];
        cells.resize(RECORD_KEYS.len() + fields.len(), Cell::Empty);
        for (field, lines) in &columns {
            if let (Some(line), Some(place)) = (lines.get(number), fields.get(*field)) {
                cells[RECORD_KEYS.len() + place] = aspect.cell(line);
            }
        }
        sink.row(cells).map_err(Error::Output)?;
    }
    Ok(())
}

/// The value with its unit; a number stays one where it is nothing but a number.
fn data(line: &FactLine) -> Cell {
    let unit = line.currency.as_deref().or(line.unit.as_deref());
    match (&line.value, unit) {
        (Json::Number(number), None) => number.as_i64().map_or_else(
            || number.as_f64().map_or(Cell::Empty, Cell::from),
            Cell::Integer,
        ),
        (Json::Bool(boolean), None) => Cell::Boolean(*boolean),
        (value, None) => Cell::from(value.clone()),
        (Json::String(text), Some(unit)) => Cell::Text(format!("{text} {unit}")),
        (value, Some(unit)) => Cell::Text(format!("{value} {unit}")),
    }
}

fn quality(line: &FactLine) -> String {
    let confidence = line
        .confidence
        .map_or_else(|| "unknown".to_owned(), |confidence| confidence.to_string());
    format!(
        "confidence {confidence}, agree {}, disagree {}, {}",
        line.agree, line.disagree, line.merge
    )
}
