//! Rows as Apache Parquet: typed columns, each of which may be empty, in groups of rows that fit in memory.
//!
//! Texts are UTF-8, times are UTC with microseconds. What a column holds is known from its type, so a file
//! without rows has the same schema as one with a million.

use std::io;
use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;

use super::Output;
use crate::cli::output::text::plain;
use crate::report::{Cell, CellType, ExportColumn};

/// A group of rows is written when it holds so many bytes of values …
const GROUP_BYTES: usize = 8 << 20;
/// … or so many rows.
const GROUP_ROWS: usize = 50_000;

/// Rows on their way into a file.
pub(super) struct ParquetRows<W: Output> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

/// The values of one column that wait for their group of rows to be written.
struct Values {
    held: Held,
    /// 1 for each row that has a value, 0 for each that is empty.
    levels: Vec<i16>,
}

enum Held {
    Text(Vec<ByteArray>),
    /// Also times, in microseconds.
    Integers(Vec<i64>),
    Reals(Vec<f64>),
    Booleans(Vec<bool>),
}

impl<W: Output> ParquetRows<W> {
    pub(super) fn new(name: &str, columns: &[ExportColumn], out: W) -> io::Result<Self> {
        let fields: Vec<String> = columns.iter().map(field_of).collect();
        let schema = parse_message_type(&format!("message {name} {{ {} }}", fields.concat()));
        let schema = schema.map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("toolkit version ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties));
        Ok(Self {
            writer: writer.map_err(failed)?,
            columns: columns
                .iter()
                .map(|one| Values::new(one.cell_type))
                .collect(),
            rows: 0,
            bytes: 0,
        })
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += column.push(cell);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.write_group()?;
        self.writer.into_inner().map_err(failed)
    }

    fn write_group(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        (self.rows, self.bytes) = (0, 0);
        let mut group = self.writer.next_row_group().map_err(failed)?;
        for values in &mut self.columns {
            let Some(mut column) = group.next_column().map_err(failed)? else {
                return Err(io::Error::other("the file has fewer columns than the rows"));
            };
            values.write(&mut column).map_err(failed)?;
            column.close().map_err(failed)?;
        }
        group.close().map(|_| ()).map_err(failed)
    }
}

fn field_of(one: &ExportColumn) -> String {
    let key = one.column.key;
    let (kind, meaning) = match one.cell_type {
        CellType::Text => ("binary", " (STRING)"),
        CellType::Integer => ("int64", ""),
        CellType::Real => ("double", ""),
        CellType::Boolean => ("boolean", ""),
        CellType::Time => ("int64", " (TIMESTAMP(MICROS,true))"),
    };
    format!("optional {kind} {key}{meaning};")
}

impl Values {
    fn new(cell_type: CellType) -> Self {
        Self {
            held: match cell_type {
                CellType::Text => Held::Text(Vec::new()),
                CellType::Integer | CellType::Time => Held::Integers(Vec::new()),
                CellType::Real => Held::Reals(Vec::new()),
                CellType::Boolean => Held::Booleans(Vec::new()),
            },
            levels: Vec::new(),
        }
    }

    /// Takes a cell and returns about how many bytes it has.
    fn push(&mut self, cell: Cell) -> usize {
        self.levels.push(i16::from(cell != Cell::Empty));
        match (&mut self.held, cell) {
            (_, Cell::Empty) => return 0,
            (Held::Text(texts), Cell::Text(text) | Cell::Id(text)) => {
                let length = text.len();
                texts.push(ByteArray::from(text.into_bytes()));
                return length + 8;
            }
            (Held::Text(texts), other) => {
                texts.push(ByteArray::from(plain(&other).into_owned().into_bytes()));
            }
            (Held::Integers(numbers), Cell::Integer(number)) => numbers.push(number),
            (Held::Integers(numbers), Cell::Time(time)) => numbers.push(time.microseconds()),
            (Held::Reals(reals), Cell::Real(real)) => reals.push(real),
            (Held::Reals(reals), Cell::Integer(number)) => reals.push(number as f64),
            (Held::Booleans(booleans), Cell::Boolean(boolean)) => booleans.push(boolean),
            // The field's type gives both the column's and the cell's, so they cannot differ.
            _ => {
                if let Some(level) = self.levels.last_mut() {
                    *level = 0;
                }
            }
        }
        8
    }

    fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice());
        match &mut self.held {
            Held::Text(texts) => {
                column
                    .typed::<ByteArrayType>()
                    .write_batch(texts, levels, None)?;
                texts.clear();
            }
            Held::Integers(numbers) => {
                column
                    .typed::<Int64Type>()
                    .write_batch(numbers, levels, None)?;
                numbers.clear();
            }
            Held::Reals(reals) => {
                column
                    .typed::<DoubleType>()
                    .write_batch(reals, levels, None)?;
                reals.clear();
            }
            Held::Booleans(booleans) => {
                column
                    .typed::<BoolType>()
                    .write_batch(booleans, levels, None)?;
                booleans.clear();
            }
        }
        self.levels.clear();
        Ok(())
    }
}

/// Takes an I/O error out as it is: a full device and a closed pipe have to be told apart.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}
