//! Redirects without end, in circles and to where nobody should go.

use rstest::rstest;

use super::met;
use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::workplace::Workplace;

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

/// One host is allowed; what it redirects to is at its own address in another spelling, or at another
/// private one, and is refused where the connection would be made.
#[rstest]
fn chains_to_private_addresses(#[values(Sqlite, Postgres)] engine: Engine) {
    let secret = Server::builder()
        .answer("/", Answer::page("<title>Secret</title>"))
        .start();
    let port = secret
        .url("")
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .to_owned();
    let targets = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://[::ffff:7f00:1]:{port}/"),
        format!("http://[64:ff9b::7f00:1]:{port}/"),
        format!("http://[2002:7f00:1::]:{port}/"),
        format!("http://localhost:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://0.0.0.0/".to_owned(),
    ];
    let mut server = Server::builder().answer("/page", Answer::page("<title>Page</title>"));
    for (number, target) in targets.iter().enumerate() {
        let spelled = target.replace("127.0.0.1", "0x7f.1");
        server = server
            .answer(
                &format!("/hop-{number}"),
                Answer::redirect(302, &format!("/on-{number}")),
            )
            .answer(&format!("/on-{number}"), Answer::redirect(307, &spelled));
    }
    let server = server.start();
    let place = Workplace::new(engine);
    let allowed = server.url("").replace("http://", "");
    let mut arguments = vec![
        "crawl",
        "--delay",
        "0",
        "--retries",
        "0",
        "--allow-host",
        &allowed,
    ];
    let mut seeds: Vec<_> = (0..targets.len())
        .map(|number| server.url(&format!("/hop-{number}")))
        .collect();
    seeds.push(server.url("/page"));
    // Seeds as well, or the redirects would end at the edge of the scope.
    seeds.extend(targets.iter().cloned());
    arguments.extend(seeds.iter().map(String::as_str));
    place.succeed(&arguments);
    assert_eq!(secret.requests(), Vec::<String>::new());
    assert_eq!(place.value("SELECT uri FROM sources"), server.url("/page"));
    for target in &targets {
        let refused = format!("frontier WHERE uri = '{target}' AND reason = 'address_refused'");
        assert_eq!(place.count(&refused), 1, "{target}");
    }
    assert_eq!(
        place.count("frontier WHERE outcome = 'alias'"),
        2 * targets.len()
    );
    place.check();
}
