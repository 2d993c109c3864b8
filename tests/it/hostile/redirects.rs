//! Redirects without end, in circles and to where nobody should go.

use rstest::rstest;

use super::met;
use crate::support::database::Engine;
use crate::support::server::{Answer, Server};

use Engine::{Postgres, Sqlite};

#[rstest]
fn chains_and_circles(#[values(Sqlite, Postgres)] engine: Engine) {
    let mut server = Server::builder()
        .answer("/self", Answer::redirect(302, "/self"))
        .answer("/a", Answer::redirect(302, "/b"))
        .answer("/b", Answer::redirect(302, "/c"))
        .answer("/c", Answer::redirect(302, "/a"))
        .answer("/nowhere", Answer::status(301))
        .answer("/scheme", Answer::redirect(301, "javascript:alert(1)"))
        .answer("/file", Answer::redirect(301, "file:///etc/hostname"))
        .answer("/broken", Answer::redirect(301, "http://[::1/"))
        .answer("/end", Answer::page("<title>End</title>"));
    for (name, length) in [("ten", 10), ("eleven", 11)] {
        for step in 0..length {
            let next = match step + 1 {
                next if next == length && name == "ten" => "/end".to_owned(),
                next => format!("/{name}-{next}"),
            };
            server = server.answer(&format!("/{name}-{step}"), Answer::redirect(302, &next));
        }
    }
    let server = server.start();
    let seeds = [
        "/self",
        "/a",
        "/nowhere",
        "/scheme",
        "/file",
        "/broken",
        "/ten-0",
        "/eleven-0",
    ];
    let met = met(engine, &seeds.map(|path| server.url(path)), &[]);
    let reasons = |path: &str| met.reasons(&server.url(path)).join(" ");
    for (path, reason) in [
        ("/self", "redirect_loop"),
        ("/nowhere", "malformed_redirect"),
        ("/scheme", "malformed_redirect"),
        ("/file", "malformed_redirect"),
        ("/broken", "malformed_redirect"),
        ("/ten-0", "redirect_alias"),
        ("/ten-9", "redirect_alias"),
        ("/eleven-0", "redirect_alias"),
        ("/eleven-10", "too_many_redirects"),
    ] {
        assert_eq!(reasons(path), reason, "{path}");
    }
    assert!(met.stored(&server.url("/end")).is_some());
    assert_eq!(server.count("/eleven-11"), 0);
    // Whoever enters a circle, it ends in a loss: three other names of one another would hide it.
    let circle = ["/a", "/b", "/c"].map(reasons);
    let loops = circle.iter().filter(|reason| *reason == "redirect_loop");
    assert_eq!(loops.count(), 1, "{circle:?}");
    assert!(
        ["/a", "/b", "/c"]
            .iter()
            .all(|path| server.count(path) == 1)
    );
}
