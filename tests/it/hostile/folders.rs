//! Folders that hold more than files: links that leave them or go round, pipes, names that are no text.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::process::Command;

use rstest::rstest;

use super::met;
use crate::support::database::Engine;
use crate::support::temporary_folder;
use crate::support::workplace::text_of;

use Engine::{Postgres, Sqlite};

#[rstest]
fn links_loops_and_pipes(#[values(Sqlite, Postgres)] engine: Engine) {
    let (folder, outside) = (temporary_folder(), temporary_folder());
    let root = folder.path().canonicalize().expect("the folder");
    let at = |name: &str| root.join(name);
    let page = "<!doctype html><title>Page</title><a href=pipe.html>p</a><a href=secret.html>s</a>";
    std::fs::write(at("index.html"), page).expect("a page");
    std::fs::create_dir(at("sub")).expect("a folder");
    std::fs::write(at("sub/page.html"), "<title>Sub</title>").expect("a page");
    let secret = outside.path().join("secret.html");
    std::fs::write(&secret, "<title>low-tide-lantern</title>").expect("a page");
    for (name, target) in [
        ("secret.html", secret.as_path()),
        ("away", outside.path()),
        ("sub/up", root.as_path()),
        ("round", at("round").as_path()),
        ("dangling.html", at("nothing.html").as_path()),
        ("same.html", at("sub/page.html").as_path()),
    ] {
        symlink(target, at(name)).expect("a symbolic link");
    }
    let made = Command::new("mkfifo").arg(at("pipe.html")).status();
    assert!(made.expect("mkfifo runs").success());
    let socket = std::os::unix::net::UnixListener::bind(at("socket.html"));
    socket.expect("a socket");
    let odd = std::ffi::OsStr::from_bytes(b"n\xffme \x01.html");
    std::fs::write(root.join(odd), "<title>Odd</title>").expect("a page");
    let met = met(engine, &[text_of(&root).to_owned()], &[]);
    let uri = |name: &str| format!("file://{}/{name}", text_of(&root));
    for (name, outcome) in [
        ("index.html", "new"),
        ("sub/page.html", "new"),
        ("n%FFme%20%01.html", "new"),
        ("secret.html", "skipped symbolic_link"),
        ("away", "skipped symbolic_link"),
        ("sub/up", "alias redirect_alias"),
        ("pipe.html", "skipped not_regular_file"),
        ("socket.html", "skipped not_regular_file"),
        ("round", "failed file_unreadable"),
        ("dangling.html", "failed file_not_found"),
    ] {
        assert_eq!(met.outcome(&uri(name)), outcome, "{name}");
    }
    assert!(met.outcome(&uri("same.html")).starts_with("alias"));
    let titles = "sources WHERE title = 'low-tide-lantern'";
    assert_eq!(
        met.place.count(titles),
        0,
        "a file outside the folder is stored"
    );
}
