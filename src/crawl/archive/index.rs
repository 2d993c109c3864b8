//! The index of an archive: one CDXJ line for each capture, and the sorting of all of them.
//!
//! A line is a sort key, a time of 14 digits and a JSON object, as replay tools read them. While a crawl
//! runs the lines stand in the order of the records; at its end they are sorted by their bytes, in as much
//! memory as one run takes. Owns the lines; where records lie is told to it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use super::surt::surt;
use crate::model::{Digest, Timestamp};

/// Bytes of lines that are sorted in memory at a time.
const RUN: usize = 16 * 1024 * 1024;

/// A capture, before it is known where its record lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Capture {
    pub(super) uri: String,
    pub(super) at: Timestamp,
    pub(super) mime: String,
    /// `None` for a file.
    pub(super) status: Option<u16>,
    pub(super) digest: Digest,
    /// Why the payload is not whole, in the word of `WARC-Truncated`.
    pub(super) truncated: Option<&'static str>,
}

/// The members of a line's JSON object; numbers are texts there, as the readers expect.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Members {
    pub(super) url: String,
    pub(super) mime: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<String>,
    pub(super) digest: String,
    pub(super) length: String,
    pub(super) offset: String,
    pub(super) filename: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) truncated: Option<String>,
    /// The whole of `WARC-Date`, which the line's 14 digits cut.
    pub(super) date: String,
}

/// The `mime` of a capture that only refers to another one.
pub(super) const REVISIT: &str = "warc/revisit";

impl Capture {
    /// Returns the capture's line, line break included.
    pub(super) fn line(&self, offset: u64, length: u64, filename: &str) -> String {
        let key = Url::parse(&self.uri).map_or_else(|_| self.uri.clone(), |url| surt(&url));
        let date = self.at.to_string();
        let digits: String = date.chars().filter(char::is_ascii_digit).take(14).collect();
        let members = Members {
            url: self.uri.clone(),
            mime: self.mime.clone(),
            status: self.status.map(|status| status.to_string()),
            digest: super::record::labelled(&self.digest),
            length: length.to_string(),
            offset: offset.to_string(),
            filename: filename.to_owned(),
            truncated: self.truncated.map(str::to_owned),
            date,
        };
        let members = serde_json::to_string(&members).unwrap_or_default();
        format!("{key} {digits} {members}\n")
    }
}

impl Members {
    /// Reads the JSON object of a line; `None` when it is not one of this program's.
    pub(super) fn of_line(line: &str) -> Option<Self> {
        serde_json::from_str(line.splitn(3, ' ').nth(2)?).ok()
    }

    /// Returns the payload's digest if a later capture may refer to this one for it: the whole of what a
    /// server sent.
    pub(super) fn referable(&self) -> Option<Digest> {
        let is_whole = self.status.is_some() && self.truncated.is_none() && self.mime != REVISIT;
        let value = self.digest.strip_prefix("sha256:")?;
        is_whole.then(|| value.parse().ok())?
    }
}

/// Sorts the lines of the file at `path` by their bytes. The file is whole at any time: the sorted lines
/// take its place at once.
pub fn sort(path: &Path) -> io::Result<()> {
    sort_in_runs(path, RUN)
}

fn sort_in_runs(path: &Path, size: usize) -> io::Result<()> {
    let runs = write_runs(path, size)?;
    let sorted = match runs.as_slice() {
        [] => return Ok(()),
        [run] => run.clone(),
        several => {
            let merged = beside(path, "sorted");
            merge(several, &merged)?;
            merged
        }
    };
    File::open(&sorted)?.sync_all()?;
    std::fs::rename(&sorted, path)?;
    for run in runs.iter().filter(|run| **run != sorted) {
        std::fs::remove_file(run)?;
    }
    Ok(())
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{what}"));
    PathBuf::from(name)
}

/// Writes sorted runs beside the file and returns their paths.
fn write_runs(path: &Path, size: usize) -> io::Result<Vec<PathBuf>> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut runs = Vec::new();
    loop {
        let mut text = Vec::new();
        let mut lines: Vec<(usize, usize)> = Vec::new();
        while text.len() < size {
            let start = text.len();
            if reader.read_until(b'\n', &mut text)? == 0 {
                break;
            }
            lines.push((start, text.len()));
        }
        if lines.is_empty() {
            return Ok(runs);
        }
        lines.sort_unstable_by(|one, other| text[one.0..one.1].cmp(&text[other.0..other.1]));
        let run = beside(path, &format!("run-{}", runs.len()));
        let mut writer = BufWriter::new(File::create(&run)?);
        for (start, end) in lines {
            writer.write_all(&text[start..end])?;
        }
        writer.flush()?;
        runs.push(run);
    }
}

fn merge(runs: &[PathBuf], to: &Path) -> io::Result<()> {
    let mut readers = Vec::with_capacity(runs.len());
    for run in runs {
        readers.push(BufReader::new(File::open(run)?));
    }
    let mut heads = BinaryHeap::new();
    for (number, reader) in readers.iter_mut().enumerate() {
        heads.extend(next_line(reader)?.map(|line| Reverse((line, number))));
    }
    let mut writer = BufWriter::new(File::create(to)?);
    while let Some(Reverse((line, number))) = heads.pop() {
        writer.write_all(&line)?;
        heads.extend(next_line(&mut readers[number])?.map(|line| Reverse((line, number))));
    }
    writer.flush()
}

fn next_line(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    Ok((reader.read_until(b'\n', &mut line)? > 0).then_some(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_back() {
        let mut capture = Capture {
            uri: "http://example.com/a?b".into(),
            at: Timestamp::from_microseconds(1_767_312_000_120_000),
            mime: "text/html".into(),
            status: Some(200),
            digest: Digest::of("abc"),
            truncated: None,
        };
        let line = capture.line(7, 12, "x.warc.gz");
        let (front, object) = line.split_once('{').unwrap();
        assert_eq!(front, "com,example)/a?b 20260102000000 ");
        assert!(object.ends_with("}\n"));
        let members = Members::of_line(&line).unwrap();
        assert_eq!(
            (members.offset.as_str(), members.length.as_str()),
            ("7", "12")
        );
        assert_eq!(members.date.parse::<Timestamp>().unwrap(), capture.at);
        assert_eq!(members.referable(), Some(capture.digest));
        capture.truncated = Some("length");
        let cut = Members::of_line(&capture.line(0, 1, "x")).unwrap();
        assert_eq!(cut.referable(), None);
    }

    #[test]
    fn lines_are_sorted_in_any_number_of_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.cdxj");
        let lines: Vec<String> = (0..500)
            .map(|n| format!("{:03} x\n", n * 7 % 500))
            .collect();
        let mut expected = lines.clone();
        expected.sort();
        for size in [1, 100, 1 << 20] {
            std::fs::write(&path, lines.concat()).unwrap();
            sort_in_runs(&path, size).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected.concat());
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        }
        std::fs::write(&path, "").unwrap();
        sort(&path).unwrap();
    }
}
