//! Connections that a server drops while a job is at work. Postgres alone: a file has no connection.

use std::time::Duration;

use crate::support::database::Engine;
use crate::support::server::Server;
use crate::support::site;
use crate::support::workplace::Workplace;

/// Ends what is connected under `name`, and returns how many that were.
fn disconnect(place: &Workplace, name: &str) -> usize {
    place.count(&format!(
        "(SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = '{name}') AS ended"
    ))
}

/// Whatever the job is at: a read of its loop, a claim or a commit.
#[test]
fn a_crawl_outlasts_each_connection_that_it_loses() {
    let (place, server) = (Workplace::new(Engine::Postgres), Server::of(site("club")));
    let name = place.database.schema();
    let address = place.database.named_address(name);
    place.succeed(&["db", "migrate"]);
    let url = server.url("/index.html");
    let crawl = ["crawl", &url, "--allow-private", "--delay", "200ms"];
    let mut running = place
        .user
        .command([&crawl[..], &["--database", &address]].concat())
        .start();
    let mut lost = 0;
    while !running.wait_for(Duration::from_millis(150)) {
        // What comes before the first fetch is no loop yet.
        if server.request_count() > 1 {
            lost += disconnect(&place, name);
        }
    }
    let output = running.finish();
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    assert!(lost >= 5, "{lost} connections were lost");
    assert_eq!(place.count("sources"), 12);
    let mut requests = server.requests();
    requests.sort();
    requests.dedup();
    let twice = server.request_count() - requests.len();
    assert_eq!(twice, 0, "what was fetched is not fetched again");
    assert_eq!(place.value("SELECT state FROM jobs"), "completed");
    place.check();
}
