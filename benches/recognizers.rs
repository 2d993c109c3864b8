//! The recognizers on one core, all of them and each alone: on the contents of the fixtures and of the generated site,
//! or on the files that are given (`cargo bench --bench recognizers -- FILE…`), then all of them on text that is dense
//! with what they begin with.
//!
//! A page is 1,000 bytes of text here: 20,000 pages a second are 20 MB.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and ends where it cannot go on"
)]

#[path = "support/clock.rs"]
mod clock;
#[path = "support/rounds.rs"]
mod rounds;
#[path = "support/site.rs"]
mod site;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use rounds::{Taken, Variant, run, show};
use site::Site;
use toolkit::extract::entities::{Context, Recognizer, recognize, text_recognizers};
use toolkit::extract::{PageInput, Profile, extract_page};
use toolkit::model::ExtractionType;

const BYTES: usize = 1_000_000;
const PAGE_BYTES: usize = 1_000;

/// What is dense with beginnings of mentions.
const HOSTILE: &[&str] = &[
    "1 1 1-",
    "$1 ",
    "May ",
    "a@b.c ",
    "http://a ",
    "+1 2 ",
    "Pro plan ",
    "one hundred and ",
    "10.1000/ ",
    "12:00 ",
    "deadbeef-",
];

fn main() {
    // Cargo gives a bench the flag that it is one.
    let files: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let text = filled(&if files.is_empty() {
        own_text()
    } else {
        let read = |file: &String| std::fs::read_to_string(file).expect("a text file");
        files.iter().map(read).collect::<Vec<_>>().join("\n")
    });
    let all = text_recognizers();
    let each: Vec<Vec<Box<dyn Recognizer>>> = text_recognizers()
        .into_iter()
        .map(|recognizer| vec![recognizer])
        .collect();
    let hostile: Vec<String> = HOSTILE.iter().map(|unit| filled(unit)).collect();
    let mut variants = vec![Variant::new("all recognizers", || over(&all, &text))];
    for one in &each {
        let name = format!("  {}", one[0].name());
        variants.push(Variant::new(name, || over(one, &text)));
    }
    for (unit, text) in HOSTILE.iter().zip(&hostile) {
        let name = format!("all, on {unit:?} again and again");
        variants.push(Variant::new(name, || over(&all, text)));
    }
    run(&mut variants);
    let title = format!("{BYTES} bytes of text, a page being {PAGE_BYTES}");
    show(&title, BYTES / PAGE_BYTES, 0, &variants);
}

fn over(recognizers: &[Box<dyn Recognizer>], text: &str) -> Taken {
    let (cpu, begun) = (clock::thread_cpu_seconds(), Instant::now());
    let context = Context::default();
    let found = black_box(recognize(
        recognizers,
        ExtractionType::Content,
        text,
        &context,
    ));
    let seconds = begun.elapsed().as_secs_f64();
    let spent = clock::thread_cpu_seconds().zip(cpu);
    drop(found);
    Taken {
        seconds,
        cpu_seconds: spent.map(|(end, begin)| end - begin),
    }
}

/// Repeats a text until it is as long as what is measured.
fn filled(text: &str) -> String {
    let mut filled = text.repeat(BYTES.div_ceil(text.len().max(1)));
    filled.truncate(filled.floor_char_boundary(BYTES));
    filled
}

fn own_text() -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = walkdir::WalkDir::new(fixtures).sort_by_file_name();
    let files = files.into_iter().filter_map(Result::ok);
    let of_fixtures = files
        .filter(|file| file.file_name().to_string_lossy().ends_with(".html"))
        .map(|file| std::fs::read(file.path()).expect("a file that can be read"));
    let site = Site::new(100);
    let of_site = (0..site.len()).map(|number| site.page(number));
    of_fixtures
        .chain(of_site)
        .flat_map(|body| contents(&body))
        .collect::<Vec<_>>()
        .join("\n")
}

fn contents(body: &[u8]) -> Vec<String> {
    let input = PageInput {
        uri: "https://bench.example/page",
        media_type: "text/html",
        charset: "UTF-8",
        body,
    };
    let items = extract_page(&input, &Profile::default_profile()).items;
    let contents = items
        .into_iter()
        .filter(|item| item.extraction_type == ExtractionType::Content);
    contents.map(|item| item.text).collect()
}
