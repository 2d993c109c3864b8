//! Reads archives with programs that are not this one: two Python packages, put below `target/` by
//! `scripts/warc-readers`. A test that needs them fails where they are missing.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What the readers saw, once they agree with each other and with every digest and offset.
pub struct Reading {
    /// Records in the order of the file.
    pub records: Vec<Value>,
    /// Lines of the index, in its order.
    pub lines: Vec<Value>,
}

/// Reads the archive at `path` and the index beside it.
pub fn read_archive(path: &Path) -> Reading {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/warc-readers/bin/python");
    assert!(
        python.exists(),
        "the readers of archives are missing: run scripts/warc-readers, which scripts/test does"
    );
    let output = Command::new(python)
        .arg(root.join("tests/it/support/read_warc.py"))
        .arg(path)
        .output()
        .expect("cannot run Python");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {told}", path.display());
    let mut reading = Reading {
        records: Vec::new(),
        lines: Vec::new(),
    };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut value: Value = serde_json::from_str(line).expect("a JSON object a line");
        if value["record"].is_object() {
            reading.records.push(value["record"].take());
        } else {
            reading.lines.push(value["line"].take());
        }
    }
    reading
}

impl Reading {
    /// Returns the records of a type (`response`, `request` …).
    pub fn of_type(&self, kind: &str) -> Vec<&Value> {
        let records = self.records.iter();
        records.filter(|record| record["type"] == kind).collect()
    }

    /// Returns the only record of a type for a URL that ends with `path`.
    pub fn only(&self, kind: &str, path: &str) -> &Value {
        let found: Vec<_> = self
            .of_type(kind)
            .into_iter()
            .filter(|record| ends(record, path))
            .collect();
        assert_eq!(found.len(), 1, "{kind} of {path}");
        found[0]
    }
}

fn ends(record: &Value, path: &str) -> bool {
    record["uri"]
        .as_str()
        .is_some_and(|uri| uri.ends_with(path))
}
