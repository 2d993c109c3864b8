//! Extracts pages on one core, the whole way and each step of it alone: pages of the fixtures and of the
//! generated site, or those below a folder that is given (`cargo bench --bench page -- FOLDER`), `.html` or
//! `.html.gz`.
//!
//! What a step works on is made anew for each page and not measured, so that memory stays that of one page.

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
use std::io::Read as _;
use std::path::Path;
use std::time::Instant;

use flate2::read::GzDecoder;
use rounds::{Taken, Variant, run, show};
use site::Site;
use toolkit::extract::locator::Locators;
use toolkit::extract::tree::{self, Tree};
use toolkit::extract::{PageInput, Profile, content, extract_page, metadata, records};
use toolkit::model::{charset_of, decode_text};

const GENERATED: usize = 100;
const URI: &str = "https://bench.example/page";

fn main() {
    // Cargo gives a bench the flag that it is one.
    let folder = std::env::args()
        .skip(1)
        .find(|argument| argument != "--bench");
    let pages = match &folder {
        Some(folder) => pages_below(Path::new(folder)),
        None => own_pages(),
    };
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let mut variants = vec![
        Variant::new("bytes to items", || over(&pages, |body| body, extract)),
        Variant::new("  charset and text", || over(&pages, |body| body, text_of)),
        Variant::new("  tree", || {
            over(&pages, text_of, |text| tree::parse(&text))
        }),
        Variant::new("  records", || {
            over(&pages, tree_of, |tree| {
                records::read(&tree, &Locators::new(&tree), URI)
            })
        }),
        Variant::new("  metadata", || {
            over(&pages, tree_of, |tree| metadata::read(&tree, &[], URI))
        }),
        Variant::new("  content", || {
            over(&pages, tree_of, |tree| {
                content::find(&tree, content::About::default())
            })
        }),
    ];
    run(&mut variants);
    let title = format!(
        "{} pages of {} bytes on average",
        pages.len(),
        bytes / pages.len().max(1)
    );
    show(&title, pages.len(), 0, &variants);
}

/// Measures `step` on what `prepared` makes of each page.
fn over<'a, T, U>(
    pages: &'a [Vec<u8>],
    prepared: impl Fn(&'a [u8]) -> T,
    step: impl Fn(T) -> U,
) -> Taken {
    let mut taken = Taken {
        seconds: 0.0,
        cpu_seconds: Some(0.0),
    };
    for body in pages {
        let input = prepared(body);
        let (cpu, begun) = (clock::thread_cpu_seconds(), Instant::now());
        let output = black_box(step(input));
        taken.seconds += begun.elapsed().as_secs_f64();
        let spent = clock::thread_cpu_seconds().zip(cpu);
        taken.cpu_seconds = taken
            .cpu_seconds
            .zip(spent)
            .map(|(sum, (end, begin))| sum + end - begin);
        drop(output);
    }
    taken
}

fn extract(body: &[u8]) -> usize {
    let found = extract_page(
        &PageInput {
            uri: URI,
            media_type: "text/html",
            charset: charset_of(body, None).name,
            body,
        },
        &Profile::default_profile(),
    );
    found.items.len()
}

fn text_of(body: &[u8]) -> String {
    decode_text(body, charset_of(body, None).name).text
}

fn tree_of(body: &[u8]) -> Tree {
    tree::parse(&text_of(body))
}

fn own_pages() -> Vec<Vec<u8>> {
    let site = Site::new(GENERATED);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pages");
    let mut pages = pages_below(&fixtures);
    pages.extend((0..site.len()).map(|number| site.page(number)));
    pages
}

fn pages_below(folder: &Path) -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.expect("a folder that can be read");
        let name = entry.file_name().to_string_lossy();
        if !name.ends_with(".html") && !name.ends_with(".html.gz") {
            continue;
        }
        let mut body = std::fs::read(entry.path()).expect("a file that can be read");
        if name.ends_with(".gz") {
            let mut plain = Vec::new();
            GzDecoder::new(body.as_slice())
                .read_to_end(&mut plain)
                .expect("a whole gzip file");
            body = plain;
        }
        pages.push(body);
    }
    pages
}
