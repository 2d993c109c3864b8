//! Pages that are hard to read: deep beyond reason, with NULs, in a charset that is not theirs.

use rstest::rstest;

use super::{Met, met};
use crate::support::database::Engine;
use crate::support::server::{Answer, Server};

use Engine::{Postgres, Sqlite};

fn charset(met: &Met, uri: &str) -> String {
    let sql = format!("SELECT charset, charset_source, title FROM sources WHERE uri = '{uri}'");
    let row = met.place.database.query_text(&sql).remove(0);
    let words: Vec<_> = row.into_iter().map(Option::unwrap_or_default).collect();
    words.join("|")
}

#[rstest]
fn a_page_a_hundred_thousand_deep(#[values(Sqlite, Postgres)] engine: Engine) {
    let depth = 100_000;
    let page = |open: &str, close: &str| {
        let (open, close) = (open.repeat(depth), close.repeat(depth));
        let body = format!("<!doctype html><title>Deep</title>{open}<a href=/found>x</a>{close}");
        Answer::page(body)
    };
    let found = Answer::page("<!doctype html><title>Found</title><p>Found at the bottom.");
    let server = Server::builder()
        .answer("/div", page("<div>", "</div>"))
        .answer("/open", page("<b><p>", ""))
        .answer("/table", page("<table><tr><td>", "</table>"))
        .answer("/svg", page("<svg><g>", "</g></svg>"))
        .answer("/found", found)
        .start();
    let paths = ["/div", "/open", "/table", "/svg"];
    let met = met(engine, &paths.map(|path| server.url(path)), &[]);
    for path in paths.iter().chain(&["/found"]) {
        assert_eq!(met.outcome(&server.url(path)), "new", "{path}");
    }
    if engine == Postgres {
        // The tree is built alike on both, and takes seconds in a debug build.
        return;
    }
    let output = met.place.succeed(&["extract"]);
    assert!(output.peak_memory.expect("the peak") < super::MOST_MEMORY);
    met.place.check();
}

#[rstest]
fn nul_bytes_and_charsets_that_lie(#[values(Sqlite, Postgres)] engine: Engine) {
    let utf16 = |text: &str, little: bool| -> Vec<u8> {
        let units = text.encode_utf16();
        units
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect()
    };
    let text =
        "<!doctype html><html><title>Été au café</title><p>Des vagues, une île et le goût du thé.";
    let marked = format!("\u{feff}{text}");
    let latin: Vec<u8> = text.chars().map(|character| character as u8).collect();
    let typed = |content_type: &str, body: Vec<u8>| Answer::status(200).body(content_type, body);
    let declared = text.replace("<title>", "<meta charset=utf-16><title>");
    let late = text.replace(
        "<title>",
        &format!("<!--{}--><meta charset=latin1><title>", "-".repeat(1100)),
    );
    let nul =
        b"<!doctype html><ti\0tle>no</title><title>A\0B</title><p>C\0D <a href=/n\0ul>x</a>\0</p>";
    let server = Server::builder()
        .answer("/nul", Answer::page(nul.to_vec()))
        .answer("/utf16le-mark", Answer::page(utf16(&marked, true)))
        .answer(
            "/utf16be-mark",
            typed("text/html; charset=utf-8", utf16(&marked, false)),
        )
        .answer(
            "/utf16-header",
            typed("text/html; charset=utf-16le", utf16(text, true)),
        )
        .answer("/utf16-bare", Answer::page(utf16(text, true)))
        .answer(
            "/latin-as-utf8",
            typed("text/html; charset=utf-8", latin.clone()),
        )
        .answer(
            "/utf8-as-latin",
            typed("text/html; charset=iso-8859-1", text.as_bytes().to_vec()),
        )
        .answer("/declared-utf16", Answer::page(declared))
        .answer("/late", Answer::page(late))
        .answer(
            "/no-such",
            typed("text/html; charset=klingon", text.as_bytes().to_vec()),
        )
        .start();
    let title = "Été au café";
    let misread: String = title
        .bytes()
        .map(|byte| match byte {
            // windows-1252, which is what the label means: these two differ from Latin-1.
            0x89 => '‰',
            byte => char::from(byte),
        })
        .collect();
    let replaced = "\u{fffd}t\u{fffd} au caf\u{fffd}";
    let cases = [
        ("/nul", "UTF-8|detected|A\u{fffd}B".to_owned()),
        ("/utf16le-mark", format!("UTF-16LE|bom|{title}")),
        ("/utf16be-mark", format!("UTF-16BE|bom|{title}")),
        ("/utf16-header", format!("UTF-16LE|header|{title}")),
        ("/latin-as-utf8", format!("UTF-8|header|{replaced}")),
        ("/utf8-as-latin", format!("windows-1252|header|{misread}")),
        ("/declared-utf16", format!("UTF-8|meta|{title}")),
        ("/late", format!("UTF-8|detected|{title}")),
        ("/no-such", format!("UTF-8|detected|{title}")),
    ];
    let mut uris: Vec<_> = cases.iter().map(|(path, _)| server.url(path)).collect();
    uris.push(server.url("/utf16-bare"));
    let met = met(engine, &uris, &[]);
    for ((path, expected), uri) in cases.iter().zip(&uris) {
        assert_eq!(charset(&met, uri), *expected, "{path}");
    }
    let linked = "frontier WHERE uri LIKE '%/n%ul' AND reason = 'http_not_found'";
    assert_eq!(met.place.count(linked), 1);
    // Without a mark and a label nothing says UTF-16: the page is kept, and its charset says it was guessed.
    assert!(charset(&met, &server.url("/utf16-bare")).contains("|detected|"));
    met.place.succeed(&["extract"]);
    met.place.check();
    // What the label made unreadable is a loss, and is told where it begins.
    let report = met.place.json(&["report", "incomplete"]);
    let lines = crate::support::workplace::lines_where(&report, "rows", |line| {
        line["reason"] == "charset_errors" && line["uri"] == server.url("/latin-as-utf8")
    });
    assert!(!lines.is_empty(), "{report:#}");
}
