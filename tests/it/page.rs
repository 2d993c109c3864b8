//! `toolkit page`: what would be extracted, printed with no database.

use serde_json::{Value, json};

use crate::support::server::{Answer, Server};
use crate::support::site;
use crate::support::toolkit::{Output, Toolkit};

const ARTICLE: &str = "<html lang=en><title>The tide | Harbor</title>\
    <meta name=author content='Jo Doe'><meta property=article:published_time content='2024-03-12'>\
    <script type=application/ld+json>{\"@type\": \"NewsArticle\", \"headline\": \"The tide\"}</script>\
    <body><nav><a href=/>Home</a></nav><article><h1>The tide</h1>\
    <p>The tide comes in twice a day, and it goes out again, as it did before.</p>\
    <p>Whoever wants to see it must be there <a href=later>in time</a>, with boots, and with patience.</p>\
    </article>";

/// Makes a user whose folder holds these files.
fn user(files: &[(&str, &[u8])]) -> Toolkit {
    let user = Toolkit::new();
    for (name, bytes) in files {
        std::fs::write(user.folder().join(name), bytes).expect("a file");
    }
    user
}

/// Returns the one line that was printed.
fn line(output: &Output) -> Value {
    let mut lines = output.json_lines();
    assert_eq!(lines.len(), 1, "{}", output.snapshot());
    lines.remove(0)
}

fn reasons(page: &Value) -> Vec<&str> {
    let gaps = page["gaps"].as_array().expect("a list");
    gaps.iter()
        .filter_map(|gap| gap["reason"].as_str())
        .collect()
}

#[test]
fn a_page_is_one_line_and_no_database_is_made() {
    let user = user(&[("tide.html", ARTICLE.as_bytes())]);
    let output = user.succeed(["page", "tide.html", "--url", "https://example.com/news/1"]);
    let page = line(&output);
    for (key, expected) in [
        ("path", json!("tide.html")),
        ("title", json!("The tide")),
        ("author", json!("Jo Doe")),
        ("date", json!("2024-03-12")),
        ("language", json!("en")),
        ("gaps", json!([])),
        ("facts", json!([])),
    ] {
        assert_eq!(page[key], expected, "{key}");
    }
    let text = page["text"].as_str().expect("a text");
    assert!(
        text.contains("twice a day") && !text.contains("Home"),
        "{text}"
    );
    assert_eq!(page["records"].as_array().map(Vec::len), Some(2));
    let markdown = page["markdown"].as_str().expect("a text");
    assert!(
        markdown.contains("[in time](https://example.com/news/later)"),
        "{markdown}"
    );
    assert!(page.get("confidence").is_some());
    let left = std::fs::read_dir(user.folder()).expect("the folder");
    assert_eq!(left.count(), 1, "no database is made");
}

#[test]
fn facts_stand_in_the_text_that_is_printed() {
    let html = "<h1>Mill</h1><p>It turns.</p><dl><dt>Height<dd>12.5 m<dt>Owner<dd>J\u{f6} Doe</dl>";
    let user = user(&[("mill.html", html.as_bytes())]);
    let page = line(&user.succeed(["page", "mill.html"]));
    let text = page["text"].as_str().expect("a text");
    let facts = page["facts"].as_array().expect("a list");
    let shown: Vec<_> = facts
        .iter()
        .map(|fact| {
            let at = |end: usize| fact["span"][end].as_u64().expect("an end") as usize;
            assert_eq!(text.get(at(0)..at(1)), fact["text"].as_str());
            [&fact["attribute"], &fact["value"], &fact["unit"]]
        })
        .collect();
    assert_eq!(
        shown,
        [
            [&json!("Height"), &json!("12.5"), &json!("m")],
            [&json!("Owner"), &json!("J\u{f6} Doe"), &json!(null)]
        ]
    );
}

#[test]
fn what_cannot_be_read_is_told_and_the_others_are_printed() {
    let user = user(&[
        ("a.html", ARTICLE.as_bytes()),
        ("picture.png", b"\x89PNG"),
        ("notes.txt", b"Low water at noon."),
    ]);
    std::fs::create_dir(user.folder().join("folder")).expect("a folder");
    let output = user.run([
        "page",
        "a.html",
        "none.html",
        "picture.png",
        "folder",
        "http://",
        "notes.txt",
    ]);
    assert_eq!(output.code(), Some(1), "{}", output.snapshot());
    let paths: Vec<_> = output
        .json_lines()
        .iter()
        .map(|page| page["path"].clone())
        .collect();
    assert_eq!(paths, ["a.html", "notes.txt"]);
    let told: Vec<_> = output.stderr.lines().collect();
    assert_eq!(told.len(), 4, "{}", output.stderr);
    for (line, begin) in told.into_iter().zip([
        "error: cannot read none.html: file_not_found: ",
        "error: cannot read picture.png: media_type: ",
        "error: cannot read folder: directory: ",
        "error: cannot read http://: malformed_url: ",
    ]) {
        assert!(line.starts_with(begin), "{line}");
    }
}

#[test]
fn each_format_shows_the_same_page() {
    let user = user(&[
        ("a.html", ARTICLE.as_bytes()),
        ("notes.txt", b"Low water at noon."),
    ]);
    let of = |format: &str| {
        user.succeed(["page", "notes.txt", "--format", format])
            .stdout
    };
    assert_eq!(of("text"), "Low water at noon.\n");
    assert_eq!(of("markdown"), "Low water at noon.\n");
    let lines = user.succeed(["page", "a.html", "notes.txt"]).json_lines();
    let array = user
        .succeed(["page", "a.html", "notes.txt", "--format", "json"])
        .json();
    assert_eq!(array, Value::Array(lines));
    let both = user
        .succeed(["page", "notes.txt", "notes.txt", "--format", "text"])
        .stdout;
    assert_eq!(both.matches("==> notes.txt <==").count(), 2, "{both}");
    for arguments in [
        &["page", "a.html", "--format", "csv"][..],
        &[
            "page",
            "a.html",
            "notes.txt",
            "--url",
            "https://example.com/",
        ],
        &["page"],
    ] {
        let output = user.run(arguments);
        assert_eq!(output.code(), Some(2), "{}", output.snapshot());
    }
}

#[test]
fn standard_input_is_a_page_whose_bytes_tell_its_type() {
    let user = Toolkit::new();
    for (bytes, text) in [
        (ARTICLE.as_bytes().to_vec(), "twice a day"),
        (
            b"<html><meta charset=windows-1252><p>caf\xe9 au lait".to_vec(),
            "café au lait",
        ),
        (b"plain words".to_vec(), "plain words"),
    ] {
        let output = user.command(["page", "-"]).input(bytes).run();
        let page = line(&output);
        assert_eq!(page["path"], "-");
        assert!(
            page["text"].as_str().expect("a text").contains(text),
            "{page}"
        );
    }
    let cut = user
        .command(["page", "-", "--max-body", "4"])
        .input("0123456789")
        .run();
    let page = line(&cut);
    assert_eq!(
        (&page["text"], reasons(&page)),
        (&json!("0123"), vec!["body_truncated"])
    );
}

#[test]
fn a_url_is_fetched_with_a_crawls_manners() {
    let rules = Answer::status(200).body("text/plain", "User-agent: *\nDisallow: /private\n");
    let server = Server::builder()
        .answer("/robots.txt", rules)
        .answer("/moved", Answer::redirect(301, "/news"))
        .answer("/news", Answer::page(ARTICLE))
        .answer("/private", Answer::page(ARTICLE))
        .answer("/loop", Answer::redirect(302, "/loop"))
        .start();
    let user = Toolkit::new();
    let page = |path: &str, more: &[&str]| {
        let url = server.url(path);
        user.run([&["page", url.as_str()], more].concat())
    };
    let refused = page("/news", &[]);
    assert_eq!(refused.code(), Some(1));
    assert!(
        refused.stderr.contains("address_refused"),
        "{}",
        refused.stderr
    );
    assert_eq!(server.requests().len(), 0);

    let read = page("/moved", &["--allow-private", "--user-agent", "probe/1"]);
    assert_eq!(read.code(), Some(0), "{}", read.snapshot());
    assert_eq!(line(&read)["title"], "The tide");
    assert!(
        line(&read)["markdown"]
            .as_str()
            .expect("a text")
            .contains("twice a day")
    );
    let request = server.last_request("/news").expect("a request");
    assert_eq!(request.header("user-agent"), Some("probe/1"));
    assert_eq!(
        server.count("/llms.txt"),
        0,
        "nothing beside the page is asked for"
    );

    for (path, reason) in [
        ("/private", "robots_disallowed"),
        ("/loop", "redirect_loop"),
        ("/missing", "http_not_found"),
    ] {
        let output = page(path, &["--allow-private"]);
        assert_eq!(output.code(), Some(1), "{}", output.snapshot());
        assert!(output.stderr.contains(reason), "{}", output.stderr);
    }
    assert_eq!(server.count("/private"), 0);
    let output = page("/private", &["--allow-private", "--ignore-robots"]);
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
}

#[test]
fn no_password_of_a_url_is_shown() {
    let user = Toolkit::new();
    let output = user.run([
        "page",
        "http://me:secret@127.0.0.1:9/x",
        "https://me:secret@:x/",
    ]);
    assert_eq!(output.code(), Some(1));
    assert!(!output.stderr.contains("secret"), "{}", output.stderr);
}

/// What a page shows is what an extraction stores.
#[test]
fn a_page_shows_what_would_be_stored() {
    let user = Toolkit::new();
    let path = site("harbor").join("history.html");
    let path = path.to_str().expect("a text");
    let page = line(&user.succeed(["page", path]));
    user.succeed(["run", path]);
    let stored = user.succeed(["sources", "show", "last", "--text"]).stdout;
    let text = page["text"].as_str().expect("a text");
    assert!(text.len() > 100 && stored.starts_with(text), "{stored}");
}

#[test]
fn many_pages_are_read_in_the_memory_of_one() {
    let long = format!(
        "<article>{}</article>",
        "<p>The same words, again and again.</p>".repeat(20_000)
    );
    let user = user(&[("long.html", long.as_bytes())]);
    let peak = |count: usize| {
        let inputs = std::iter::repeat_n("long.html", count);
        let arguments = ["page"].into_iter().chain(inputs);
        user.succeed(arguments).peak_memory
    };
    if let (Some(one), Some(many)) = (peak(1), peak(12)) {
        assert!(
            many < one + one / 2,
            "{one} bytes for one, {many} for twelve"
        );
    }
}
