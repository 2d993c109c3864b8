//! Folders that stand for a site: their files have its URLs, and no server is asked.

use std::os::unix::fs::symlink;
use std::process::Command;

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::temporary_folder;
use crate::support::workplace::{Workplace, text_of};

use Engine::{Postgres, Sqlite};

/// A saved site, with links of every kind to what it stands for.
fn saved(base: &str, outside: &str) -> tempfile::TempDir {
    let folder = temporary_folder();
    let write = |name: &str, html: String| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, html).expect("a page");
    };
    write(
        "index.html",
        format!(
            "<!doctype html><title>Start</title><a href='{base}sub/page.html'>a</a><a href='two%20words.html'>b</a>\
             <a href='gone.html'>c</a><a href='{outside}'>d</a><a href='/robots.txt'>e</a><a href='sub'>f</a>\
             <a href='sub/page.html?x=1#y'>g</a><a href='{base}..%2Fsecret.html'>h</a>\
             <a href='file:///etc/hostname'>i</a>"
        ),
    );
    write("two words.html", "<title>Two words</title>".to_owned());
    write(
        "sub/index.html",
        "<title>Sub</title><a href=../>up</a>".to_owned(),
    );
    write("sub/page.html", "<title>Page</title>".to_owned());
    write(".hidden/x.html", "<title>Hidden</title>".to_owned());
    write(
        "sitemap.xml",
        format!(
            "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\
             <sitemap><loc>{outside}map.xml</loc></sitemap></sitemapindex>"
        ),
    );
    symlink(folder.path(), folder.path().join("sub/up")).expect("a symbolic link");
    symlink("/etc", folder.path().join("away")).expect("a symbolic link");
    let made = Command::new("mkfifo")
        .arg(folder.path().join("pipe.html"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    folder
}

fn outcome(place: &Workplace, uri: &str) -> String {
    place.value(&format!(
        "SELECT outcome || ' ' || COALESCE(reason, '') FROM frontier WHERE uri = '{uri}'"
    ))
}

#[rstest]
fn the_files_of_a_folder_have_the_urls_of_a_site(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(false, true)] is_resumed: bool,
) {
    let place = Workplace::new(engine);
    let server = Server::builder()
        .answer("/v3/", Answer::page("<title>Elsewhere</title>"))
        .start();
    let (base, outside) = (server.url("/v2/"), server.url("/v3/"));
    let folder = saved(&base, &outside);
    // Without its slash it is the same.
    let named = base.trim_end_matches('/');
    let arguments = [
        "crawl",
        text_of(folder.path()),
        "--base-url",
        named,
        "--allow-private",
    ];
    if is_resumed {
        let crash = place
            .command(&arguments)
            .environment("TOOLKIT_CRASH_AT", "store_pages.begun:1")
            .run();
        assert_eq!(crash.code(), None, "{}", crash.snapshot());
        place.succeed(&["crawl", "--resume", "last"]);
    } else {
        place.succeed(&arguments);
    }
    place.check();
    for (name, expected) in [
        ("index.html", "new "),
        ("two%20words.html", "new "),
        ("sub/index.html", "new "),
        ("sub/page.html", "new "),
        ("sitemap.xml", "new "),
        ("sub", "alias redirect_alias"),
        ("", "alias redirect_alias"),
        ("sub/page.html?x=1", "alias redirect_alias"),
        ("sub/up", "alias redirect_alias"),
        ("away", "skipped symbolic_link"),
        ("pipe.html", "skipped not_regular_file"),
        (".hidden/", "skipped hidden_file"),
        ("gone.html", "failed file_not_found"),
        ("..%2Fsecret.html", "skipped out_of_scope"),
    ] {
        assert_eq!(
            outcome(&place, &format!("{base}{name}")),
            expected,
            "{name}"
        );
    }
    assert_eq!(outcome(&place, &outside), "skipped out_of_scope");
    // A site's sitemap may list others of the site, and these are not in the folder.
    let nested = format!("{outside}map.xml");
    assert_eq!(outcome(&place, &nested), "skipped out_of_scope");
    let robots = server.url("/robots.txt");
    assert_eq!(outcome(&place, &robots), "skipped out_of_scope");
    assert_eq!(
        outcome(&place, "file:///etc/hostname"),
        "skipped out_of_scope"
    );
    assert_eq!(place.count("sources"), 5);
    assert_eq!(server.request_count(), 0, "{:?}", server.requests());
    let show = place.json(&["sources", "show", &format!("{base}two%20words.html")]);
    let locator = &show["trail"][0]["payload"]["fetch"]["locator"];
    let file = locator.as_str().expect("a text");
    assert!(
        file.starts_with("file:///") && file.ends_with("/two%20words.html"),
        "{file}"
    );
}

/// A saved page and the live one are one source.
#[rstest]
fn a_site_that_was_saved_is_refreshed_from_its_server(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let page = "<!doctype html><title>Same</title>";
    std::fs::write(folder.path().join("same.html"), page).expect("a page");
    let server = Server::builder()
        .answer("/same.html", Answer::page(page))
        .start();
    let (base, url) = (server.url("/"), server.url("/same.html"));
    place.succeed(&["crawl", text_of(folder.path()), "--base-url", &base]);
    place.succeed(&["crawl", &url, "--allow-private"]);
    assert_eq!(place.count("sources"), 1);
    assert_eq!(place.count("frontier WHERE outcome = 'unchanged'"), 1);
    place.check();
}

#[rstest]
fn a_base_is_for_one_folder(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let folder = temporary_folder();
    let file = folder.path().join("a.html");
    std::fs::write(&file, "x").expect("a page");
    let (folder, file) = (text_of(folder.path()), text_of(&file));
    let only = "--base-url takes one folder as the only seed, and";
    for (seeds, base, message) in [
        (
            &[file][..],
            "https://a.test/",
            format!("{only} this one is none"),
        ),
        (
            &["https://a.test/"],
            "https://a.test/",
            format!("{only} this one is none"),
        ),
        (
            &[folder, file],
            "https://a.test/",
            format!("{only} there are 2 seeds"),
        ),
        (
            &[folder, "--sitemap", file],
            "https://a.test/",
            format!("{only} there are 2 seeds"),
        ),
        (
            &[folder],
            "a.test",
            "base-url must be an http or https URL".to_owned(),
        ),
        (
            &[folder],
            "https://u:low-tide@a.test/",
            "base-url must be".to_owned(),
        ),
    ] {
        let output = place.run(&[&["crawl"], seeds, &["--base-url", base]].concat());
        assert_eq!(output.code(), Some(2), "{}", output.snapshot());
        assert!(output.stderr.contains(&message), "{}", output.stderr);
        assert!(!output.stderr.contains("low-tide"), "{}", output.stderr);
    }
}
