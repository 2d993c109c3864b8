//! Every format over the same reports: agreement, hostile values, what is left out, a reader that leaves.

use clap::ValueEnum as _;
use serde::Serialize;
use serde_json::Value;

use super::*;
use crate::model::Timestamp;
use crate::report::{Cell, Column};

/// What a page can put into a value, and what may then not be found in the output for reading.
const HOSTILE: &[&str] = &[
    "=HYPERLINK(\"http://e.org\",\"x\")",
    "\u{1b}[2Jcleared",
    "\u{9b}31mred",
    "<script>alert(1)</script>",
    "one\ntwo\r\nthree",
    "a|b",
    "say \"hi\", 'you'",
    "\u{202e}gpj.exe",
    "`code`",
    "\u{7f}\u{0}\u{85}\u{2028}",
];

#[derive(Serialize)]
struct Line {
    uri: String,
    source_id: &'static str,
    seen: Timestamp,
    depth: i64,
    score: Option<f64>,
    host: &'static str,
    complete: bool,
}

#[derive(Serialize)]
struct Sample {
    title: &'static str,
    lines: Vec<Line>,
    job_id: &'static str,
}

impl Report for Sample {
    fn tables(&self) -> Vec<Table> {
        let columns = vec![
            Column::text("uri"),
            Column::id("source_id").titled("source"),
            Column::time("seen"),
            Column::number("depth").volatile(),
            Column::number("score"),
            Column::text("host").verbose(),
            Column::text("complete"),
        ];
        let mut lines = Table::new("lines", "nothing is incomplete", columns);
        for line in &self.lines {
            lines.push(vec![
                Cell::from(&line.uri),
                Cell::Id(line.source_id.to_owned()),
                line.seen.into(),
                line.depth.into(),
                line.score.into(),
                line.host.into(),
                line.complete.into(),
            ]);
        }
        vec![lines]
    }

    fn notes(&self) -> Vec<String> {
        vec![format!("toolkit crawl --resume {}", self.job_id)]
    }

    fn volatile_keys(&self) -> &'static [&'static str] {
        &["job_id"]
    }
}

fn line(uri: &str) -> Line {
    Line {
        uri: uri.to_owned(),
        source_id: "0198a2b4-1111-7222-8333-4444deadbeef",
        seen: Timestamp::from_microseconds(1_767_312_000_120_000),
        depth: 12,
        score: None,
        host: "atlas",
        complete: true,
    }
}

fn sample(uris: &[&str]) -> Sample {
    Sample {
        title: "sample",
        lines: uris.iter().map(|uri| line(uri)).collect(),
        job_id: "0198a2b4-0000-7000-8000-00000000cafe",
    }
}

fn rendered(report: &impl Report, options: &OutputOptions) -> String {
    let mut out = Vec::new();
    render(report, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn in_format(format: Format) -> OutputOptions {
    OutputOptions {
        format,
        ..OutputOptions::default()
    }
}

#[test]
fn table_is_aligned_shortened_and_followed_by_notes() {
    let mut report = sample(&["https://e.org/", "漢字"]);
    report.lines[1].score = Some(0.5);
    report.lines[1].depth = 3;
    let expected = "\
uri             source    seen                  depth  score  complete
--------------  --------  --------------------  -----  -----  --------
https://e.org/  deadbeef  2026-01-02T00:00:00Z     12      -  yes
漢字            deadbeef  2026-01-02T00:00:00Z      3    0.5  yes

toolkit crawl --resume 0198a2b4-0000-7000-8000-00000000cafe
";
    assert_eq!(rendered(&report, &OutputOptions::default()), expected);
}

#[test]
fn empty_tables_say_so_in_every_format() {
    let report = sample(&[]);
    for (format, expected) in [
        (Format::Table, "nothing is incomplete\n"),
        (Format::Markdown, "## lines\n\nnothing is incomplete\n"),
        (Format::Jsonl, ""),
        (Format::Csv, "uri,source_id,seen,depth,score,complete\r\n"),
        (
            Format::Json,
            "{\n  \"title\": \"sample\",\n  \"lines\": [],\n  \"job_id\": \"0198a2b4-0000-7000-8000-00000000cafe\"\n}\n",
        ),
    ] {
        let options = OutputOptions {
            quiet: true,
            ..in_format(format)
        };
        assert_eq!(rendered(&report, &options), expected);
    }
    let html = rendered(&report, &in_format(Format::Html));
    assert!(html.contains("<p class=\"muted\">nothing is incomplete</p>"));
}

#[test]
fn json_keeps_the_order_of_the_struct_and_reads_back() {
    let json = rendered(&sample(&["x"]), &in_format(Format::Json));
    let keys: Vec<_> = json
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once('"'))
        .map(|(key, _)| key)
        .collect();
    let expected = [
        "title",
        "lines",
        "uri",
        "source_id",
        "seen",
        "depth",
        "score",
        "complete",
        "job_id",
    ];
    assert_eq!(keys, expected);
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["lines"][0]["seen"], "2026-01-02T00:00:00.120000Z");
}

#[test]
fn jsonl_is_one_object_a_row_and_agrees_with_json() {
    let report = sample(HOSTILE);
    let json: Value = serde_json::from_str(&rendered(&report, &in_format(Format::Json))).unwrap();
    let jsonl = rendered(&report, &in_format(Format::Jsonl));
    let rows: Vec<Value> = jsonl
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(json["lines"], Value::Array(rows));
    assert!(jsonl.starts_with(r#"{"uri":"=HYPERLINK(\""#), "{jsonl}");
}

#[test]
fn stable_leaves_out_the_same_in_every_format() {
    let first = sample(&["x"]);
    let mut second = sample(&["x"]);
    second.job_id = "another";
    second.lines[0].source_id = "another";
    second.lines[0].seen = Timestamp::from_microseconds(0);
    second.lines[0].depth = 99;
    for format in Format::value_variants() {
        let options = OutputOptions {
            stable: true,
            ..in_format(*format)
        };
        let shown = rendered(&first, &options);
        assert_eq!(shown, rendered(&second, &options));
        assert!(shown.contains("complete") && shown.contains('x'), "{shown}");
        assert_ne!(
            rendered(&first, &in_format(*format)),
            rendered(&second, &in_format(*format))
        );
    }
}

#[test]
fn verbose_keys_are_shown_on_request_only() {
    for format in Format::value_variants() {
        let options = OutputOptions {
            verbose: true,
            ..in_format(*format)
        };
        assert!(rendered(&sample(&["x"]), &options).contains("atlas"));
        assert!(!rendered(&sample(&["x"]), &in_format(*format)).contains("atlas"));
    }
}

#[test]
fn hostile_values_in_json_are_whole_and_inert() {
    for format in [Format::Json, Format::Jsonl] {
        let shown = rendered(&sample(HOSTILE), &in_format(format));
        assert!(!shown.contains(|one| one != '\n' && text::is_obeyed(one)));
        for value in HOSTILE {
            let one = rendered(&sample(&[value]), &in_format(format));
            let read: Value = serde_json::from_str(&one).unwrap();
            let uri = read.pointer("/lines/0/uri").unwrap_or(&read["uri"]);
            assert_eq!(uri, value);
        }
    }
}

#[test]
fn hostile_values_in_csv_are_whole_but_for_formulas() {
    let shown = rendered(&sample(HOSTILE), &in_format(Format::Csv));
    let mut reader = ::csv::Reader::from_reader(shown.as_bytes());
    let read: Vec<String> = reader
        .records()
        .map(|record| record.unwrap()[0].to_owned())
        .collect();
    let mut expected: Vec<_> = HOSTILE.iter().map(|&value| value.to_owned()).collect();
    expected[0].insert(0, '\'');
    assert_eq!(read, expected);
    assert!(shown.contains("\"say \"\"hi\"\", 'you'\","), "{shown}");
    let on_terminal = OutputOptions {
        width: Some(80),
        ..in_format(Format::Csv)
    };
    let shown = rendered(&sample(HOSTILE), &on_terminal).replace("\r\n", "\n");
    assert!(
        !shown.contains(|one| one != '\n' && text::is_obeyed(one)),
        "{shown}"
    );
}

#[test]
fn hostile_values_in_markdown_stay_in_their_cell() {
    let shown = rendered(&sample(HOSTILE), &in_format(Format::Markdown));
    assert!(!shown.contains(|one| one != '\n' && text::is_obeyed(one)));
    assert!(!shown.contains("<script") && shown.contains("&lt;script&gt;"));
    let rows: Vec<_> = shown.lines().skip(2).collect();
    assert_eq!(rows.len(), 2 + HOSTILE.len());
    for row in rows {
        let pipes = row
            .replace("\\\\", "")
            .replace("\\|", "")
            .matches('|')
            .count();
        assert_eq!(pipes, 7, "{row}");
    }
}

#[test]
fn hostile_values_in_the_table_are_visible_and_on_one_line() {
    let shown = rendered(&sample(HOSTILE), &in_format(Format::Table));
    assert!(!shown.contains(|one| one != '\n' && text::is_obeyed(one)));
    assert_eq!(shown.lines().count(), 2 + HOSTILE.len() + 2);
    for visible in [
        "\\u{1b}[2Jcleared",
        "one⏎two⏎three",
        "\\u{202e}gpj.exe",
        "\\u{9b}31m",
    ] {
        assert!(shown.contains(visible), "{visible}");
    }
}

#[test]
fn a_terminal_is_kept_to_and_nothing_is_cut() {
    let uri = format!("https://e.org/{}/end", "long ".repeat(40));
    let report = sample(&[&uri]);
    let options = OutputOptions {
        quiet: true,
        width: Some(90),
        ..OutputOptions::default()
    };
    let shown = rendered(&report, &options);
    assert!(shown.lines().all(|line| line.len() <= 90), "{shown}");
    assert_eq!(shown.matches("long").count(), 40);
    assert!(shown.contains("/end"), "{shown}");
    // Narrower than the columns can be: a line for each value, and still nothing is cut.
    let narrow = OutputOptions {
        width: Some(10),
        ..options.clone()
    };
    let upright = rendered(&report, &narrow);
    assert!(
        upright.lines().any(|line| line.ends_with(&uri)),
        "{upright}"
    );
    let piped = rendered(
        &report,
        &OutputOptions {
            width: None,
            ..options
        },
    );
    assert!(piped.contains(&uri), "{piped}");
}

#[test]
fn one_long_value_does_not_pad_the_others() {
    let long = "x".repeat(100_000);
    let uris: Vec<&str> = std::iter::once(long.as_str())
        .chain(std::iter::repeat_n("short", 1000))
        .collect();
    let shown = rendered(&sample(&uris), &OutputOptions::default());
    assert!(shown.contains(&long));
    assert!(shown.len() < 400_000, "{}", shown.len());
}

#[test]
fn color_adds_weight_and_changes_no_text() {
    let colored = OutputOptions {
        color: true,
        ..OutputOptions::default()
    };
    let shown = rendered(&sample(&["x"]), &colored);
    assert!(shown.starts_with("\u{1b}[1muri"), "{shown}");
    let plain = shown.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
    assert_eq!(plain, rendered(&sample(&["x"]), &OutputOptions::default()));
}

/// A reader that goes away after some bytes.
struct Closing {
    left: usize,
}

impl Write for Closing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.left {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.left -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_leaves_is_recognized_in_every_format() {
    let report = sample(&vec!["https://e.org/"; 2000]);
    for format in Format::value_variants() {
        for left in [0, 20_000] {
            let error = render(&report, &in_format(*format), &mut Closing { left }).unwrap_err();
            assert!(is_broken_pipe(&error), "{format:?}: {error:?}");
        }
    }
    assert!(!is_broken_pipe(&io::ErrorKind::StorageFull.into()));
}

/// Counts the bytes of the largest single write.
struct Largest(usize);

impl Write for Largest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn rows_are_written_as_they_are_spelled() {
    let report = sample(&vec!["https://e.org/"; 5000]);
    for format in Format::value_variants() {
        let mut largest = Largest(0);
        render(&report, &in_format(*format), &mut largest).unwrap();
        assert!(largest.0 <= 16 << 10, "{format:?}: {}", largest.0);
    }
}
