//! What stands in a Postgres schema, read from its catalogue, in the shape that both engines share.

use super::engine::{Catalogue, CatalogueTable, Engine};
use super::error::Result;

/// Reads the catalogue of the connection's default schema.
pub(super) fn read(engine: &mut dyn Engine) -> Result<Catalogue> {
    let names = engine.table_names()?;
    let mut tables: Vec<CatalogueTable> = names
        .into_iter()
        .map(|name| CatalogueTable {
            name,
            ..CatalogueTable::default()
        })
        .collect();
    let mut add = |sql: &str, place: fn(&mut CatalogueTable) -> &mut Vec<String>| {
        engine.query(sql, &[], &mut |row| {
            let table: String = row.get(0)?;
            if let Some(found) = tables.iter_mut().find(|one| one.name == table) {
                place(found).push(row.get(1)?);
            }
            Ok(())
        })
    };
    add(COLUMNS, |table| &mut table.columns)?;
    add(UNIQUE_KEYS, |table| &mut table.unique_keys)?;
    add(
        &format!(
            "SELECT key.child, '(' || key.child_column || ') -> ' || key.parent || ' (' || \
                 key.parent_column || ') ON DELETE ' || key.action FROM ({FOREIGN_KEYS}) AS key ORDER BY 2"
        ),
        |table| &mut table.foreign_keys,
    )?;
    add(INDEXES, |table| &mut table.indexes)?;
    for table in &mut tables {
        table.foreign_keys.sort();
        if let Some((_, unique)) = table.unique_keys.split_first_mut() {
            unique.sort();
        }
    }
    Ok(Catalogue { tables })
}

/// Finds rules that are not validated, and rows that refer to missing ones.
pub(super) fn integrity_faults(engine: &mut dyn Engine) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    engine.query(
        "SELECT CAST(conrelid::regclass AS TEXT), CAST(conname AS TEXT) FROM pg_constraint \
         WHERE connamespace = current_schema()::regnamespace AND NOT convalidated",
        &[],
        &mut |row| {
            let (table, name): (String, String) = (row.get(0)?, row.get(1)?);
            faults.push(format!("the rule {name} of {table} is not validated"));
            Ok(())
        },
    )?;
    let mut keys: Vec<[String; 5]> = Vec::new();
    engine.query(FOREIGN_KEYS, &[], &mut |row| {
        keys.push([
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
        ]);
        Ok(())
    })?;
    // A trigger switched off, or a dump restored in parts, leaves rows that the keys forbid.
    for [table, column, parent, parent_column, _] in keys {
        let sql = format!(
            "SELECT COUNT(*) FROM {table} AS child WHERE child.{column} IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM {parent} AS parent WHERE parent.{parent_column} = child.{column})"
        );
        engine.query(&sql, &[], &mut |row| {
            for _ in 0..row.get::<i64>(0)? {
                faults.push(format!(
                    "a row of {table} refers to a missing row of {parent}"
                ));
            }
            Ok(())
        })?;
    }
    Ok(faults)
}

const COLUMNS: &str = "SELECT CAST(c.relname AS TEXT), a.attname || ' ' || \
    CASE format_type(a.atttypid, a.atttypmod) WHEN 'timestamp with time zone' THEN 'TIMESTAMPTZ' \
    ELSE upper(format_type(a.atttypid, a.atttypmod)) END || \
    CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || \
    COALESCE(' DEFAULT ' || lower(trim('''' FROM split_part(pg_get_expr(d.adbin, d.adrelid), '::', 1))), '') \
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 \
    AND NOT a.attisdropped ORDER BY c.relname, a.attnum";

const UNIQUE_KEYS: &str = "SELECT CAST(c.relname AS TEXT), '(' || (SELECT string_agg(a.attname, ', ' \
    ORDER BY k.place) FROM unnest(o.conkey) WITH ORDINALITY AS k(number, place) \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number) || ')' \
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid \
    WHERE o.connamespace = current_schema()::regnamespace AND o.contype IN ('p', 'u') \
    ORDER BY c.relname, o.contype";

/// Each foreign key: child, its column, parent, its column, and what a deletion does.
pub(super) const FOREIGN_KEYS: &str = "SELECT CAST(c.relname AS TEXT) AS child, CAST(a.attname AS TEXT) AS child_column, \
    CAST(p.relname AS TEXT) AS parent, CAST(b.attname AS TEXT) AS parent_column, \
    CASE o.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'r' THEN 'RESTRICT' \
    ELSE 'NO ACTION' END AS action \
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class p ON p.oid = o.confrelid \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = o.conkey[1] \
    JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = o.confkey[1] \
    WHERE o.connamespace = current_schema()::regnamespace AND o.contype = 'f'";

const INDEXES: &str = "SELECT CAST(c.relname AS TEXT), CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END \
    || x.relname || ' (' || (SELECT string_agg(pg_get_indexdef(x.oid, k.place, true) || \
    CASE WHEN i.indoption[k.place - 1] & 1 = 1 THEN ' DESC' ELSE '' END, ', ' ORDER BY k.place) \
    FROM generate_series(1, i.indnkeyatts) AS k(place)) || ')' || \
    COALESCE(' WHERE ' || pg_get_expr(i.indpred, i.indrelid), '') \
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid \
    WHERE c.relnamespace = current_schema()::regnamespace \
    AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = x.oid AND o.contype IN ('p', 'u')) \
    ORDER BY c.relname, x.relname";

/// Gives the room of deleted rows free, in this program's tables alone.
pub(super) fn vacuum(engine: &mut dyn Engine) -> Result<()> {
    let tables = super::accounts::TABLES.join(", ");
    engine.batch(&format!("VACUUM {tables}"))
}
