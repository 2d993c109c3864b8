//! What stands in a SQLite file, read from its catalogue, in the shape that both engines share.

use super::engine::{Catalogue, CatalogueTable, Engine};
use super::error::Result;
use super::value::values;

/// Reads the catalogue of the file.
pub(super) fn read(engine: &mut dyn Engine) -> Result<Catalogue> {
    let names = engine.table_names()?;
    let tables = names
        .iter()
        .map(|name| described(engine, name))
        .collect::<Result<_>>()?;
    Ok(Catalogue { tables })
}

fn described(engine: &mut dyn Engine, table: &str) -> Result<CatalogueTable> {
    let mut described = CatalogueTable {
        name: table.to_owned(),
        ..CatalogueTable::default()
    };
    let mut primary = Vec::new();
    engine.query(
        "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info($1) ORDER BY cid",
        &values![table],
        &mut |row| {
            let (name, kind): (String, String) = (row.get(0)?, row.get(1)?);
            let not_null = if row.get::<i64>(2)? == 1 {
                " NOT NULL"
            } else {
                ""
            };
            let default = row
                .get::<Option<String>>(3)?
                .map_or_else(String::new, |value| {
                    format!(" DEFAULT {}", value.trim_matches('\'').to_ascii_lowercase())
                });
            let place: i64 = row.get(4)?;
            if place > 0 {
                primary.push((place, name.clone()));
            }
            described
                .columns
                .push(format!("{name} {kind}{not_null}{default}"));
            Ok(())
        },
    )?;
    primary.sort();
    described
        .unique_keys
        .push(list(primary.into_iter().map(|(_, name)| name)));
    engine.query(
        "SELECT \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list($1)",
        &values![table],
        &mut |row| {
            let (from, to_table): (String, String) = (row.get(0)?, row.get(1)?);
            let (to, action): (String, String) = (row.get(2)?, row.get(3)?);
            described
                .foreign_keys
                .push(format!("({from}) -> {to_table} ({to}) ON DELETE {action}"));
            Ok(())
        },
    )?;
    described.foreign_keys.sort();
    let mut unique = Vec::new();
    engine.query(
        "SELECT list.origin, list.name, schema.sql FROM pragma_index_list($1) AS list \
             JOIN sqlite_schema AS schema ON schema.name = list.name ORDER BY list.name",
        &values![table],
        &mut |row| {
            let (origin, name): (String, String) = (row.get(0)?, row.get(1)?);
            match row.get::<Option<String>>(2)? {
                Some(sql) => described.indexes.push(index_text(&name, &sql)),
                None if origin == "u" => unique.push(name),
                None => {}
            }
            Ok(())
        },
    )?;
    for index in unique {
        let mut columns = Vec::new();
        engine.query(
            "SELECT name FROM pragma_index_info($1) ORDER BY seqno",
            &values![index],
            &mut |row| {
                columns.push(row.get::<String>(0)?);
                Ok(())
            },
        )?;
        described.unique_keys.push(list(columns.into_iter()));
    }
    described.unique_keys[1..].sort();
    Ok(described)
}

fn list(columns: impl Iterator<Item = String>) -> String {
    format!("({})", columns.collect::<Vec<_>>().join(", "))
}

/// `CREATE [UNIQUE] INDEX name ON table (columns) [WHERE …]` as `[UNIQUE ]name (columns)[ WHERE …]`.
fn index_text(name: &str, sql: &str) -> String {
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let unique = if sql.starts_with("CREATE UNIQUE") {
        "UNIQUE "
    } else {
        ""
    };
    let columns = sql.find('(').map_or("", |at| &sql[at..]);
    format!("{unique}{name} {columns}")
}
