//! What a server may answer instead of rules: RFC 9309, 2.3.1 says for each what it means.

use std::time::Duration;

use rstest::rstest;

use super::met;
use crate::support::database::Engine;
use crate::support::raw::{Act, RawServer, TLS};
use crate::support::server::{Answer, Server};

use Engine::{Postgres, Sqlite};

const RULES: &str = "user-agent: *\ndisallow: /page\n";

/// A site of one page, and with the robots.txt that is tried.
fn server(robots: &[(&str, Answer)]) -> Server {
    let page = Answer::page("<!doctype html><title>Page</title><p>A page.");
    let mut server = Server::builder().answer("/page", page);
    for (path, answer) in robots {
        server = server.answer(path, answer.clone());
    }
    server.start()
}

fn rules() -> Answer {
    Answer::status(200).body("text/plain", RULES)
}

/// A robots.txt that is found after so many redirects.
fn moved(times: usize) -> Server {
    let path = |step: usize| {
        if step == 0 {
            "/robots.txt".to_owned()
        } else {
            format!("/moved-{step}")
        }
    };
    let mut answers = vec![(path(times), rules())];
    for step in 0..times {
        answers.push((path(step), Answer::redirect(301, &path(step + 1))));
    }
    let answers: Vec<_> = answers
        .iter()
        .map(|(path, answer)| (path.as_str(), answer.clone()))
        .collect();
    server(&answers)
}

#[rstest]
fn every_status_means_what_the_rfc_says(#[values(Sqlite, Postgres)] engine: Engine) {
    let at = |answer: Answer| server(&[("/robots.txt", answer)]);
    let html = format!("<!doctype html><title>Home</title><pre>\n{RULES}</pre>");
    let busy = |status| Answer::status(status).header("Retry-After", "99999999");
    let allowed = "new";
    let disallowed = "skipped robots_disallowed";
    let unreachable = "failed robots_unreachable";
    let cases = [
        ("rules", at(rules()), disallowed),
        ("html", at(Answer::page(html)), allowed),
        (
            "empty",
            at(Answer::status(200).body("text/plain", "")),
            allowed,
        ),
        (
            "bytes",
            at(Answer::status(200).body("text/plain", vec![0xff; 5000])),
            allowed,
        ),
        ("204", at(Answer::status(204)), allowed),
        ("five redirects", moved(5), disallowed),
        ("six redirects", moved(6), allowed),
        (
            "a circle",
            at(Answer::redirect(301, "/robots.txt")),
            allowed,
        ),
        ("401", at(Answer::status(401)), allowed),
        ("403", at(Answer::status(403)), allowed),
        ("404", at(Answer::status(404)), allowed),
        ("410", at(Answer::status(410)), allowed),
        ("429", at(Answer::status(429)), allowed),
        ("500", at(Answer::status(500)), unreachable),
        ("503", at(busy(503)), unreachable),
        ("599", at(Answer::status(599)), unreachable),
        (
            "timeout",
            at(rules().delay(Duration::from_secs(30))),
            unreachable,
        ),
        ("closed", at(Answer::hang_up()), unreachable),
        (
            "packed",
            at(rules().header("Content-Encoding", "gzip")),
            unreachable,
        ),
    ];
    let uris: Vec<_> = cases
        .iter()
        .map(|(_, server, _)| server.url("/page"))
        .collect();
    let met = met(engine, &uris, &["--timeout", "1s", "--retries", "0"]);
    for ((name, server, outcome), uri) in cases.iter().zip(&uris) {
        assert_eq!(met.outcome(uri), *outcome, "{name}");
        assert_eq!(
            server.count("/page"),
            usize::from(*outcome == allowed),
            "{name}"
        );
    }
    // The decision stays with the URL: the rule's line, or why there was none to read.
    let detail = |number: usize| {
        let sql = format!("SELECT detail FROM frontier WHERE uri = '{}'", uris[number]);
        met.place.value(&sql)
    };
    assert_eq!(detail(0), "line 2: disallow: /page");
    assert!(detail(13).contains("500"), "{}", detail(13));
}

#[rstest]
fn a_host_that_is_not_there_or_speaks_no_tls(#[values(Sqlite, Postgres)] engine: Engine) {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let refused = format!("http://{}/", closed.local_addr().expect("a bound port"));
    drop(closed);
    let silent = RawServer::start([("/robots.txt", vec![Act::Silence])]);
    let plain = RawServer::start([(TLS, Vec::new())]);
    let uris = [
        refused,
        silent.url("/"),
        plain.url("/").replace("http:", "https:"),
        "http://nowhere.invalid/".to_owned(),
    ];
    let met = met(engine, &uris, &["--timeout", "1s", "--retries", "0"]);
    for uri in &uris {
        assert_eq!(met.outcome(uri), "failed robots_unreachable", "{uri}");
    }
    assert_eq!(
        silent.count("/"),
        0,
        "what cannot be asked for is not fetched"
    );
}

/// Rules that would take a careless matcher for ever, and a file without end.
#[rstest]
fn rules_that_cost_time_and_memory(#[values(Sqlite, Postgres)] engine: Engine) {
    let stars = format!("user-agent: *\ndisallow: /{}b\n", "*a".repeat(5_000));
    let many = format!("user-agent: *\n{}", "disallow: /*x*y*z\n".repeat(40_000));
    let endless = vec![
        Act::Send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuser-agent: *\ndisallow: /page\n"
                .to_vec(),
        ),
        Act::Endless(b"# more and more\n".repeat(1_000)),
    ];
    let text = |text: &str| Answer::status(200).body("text/plain", text);
    let long = format!("/page?{}", "a".repeat(8_000));
    let [stars, many] = [stars, many].map(|rules| server(&[("/robots.txt", text(&rules))]));
    let endless = RawServer::start([("/robots.txt", endless)]);
    let uris = [stars.url(&long), many.url(&long), endless.url("/page")];
    let met = met(engine, &uris, &["--timeout", "5s", "--retries", "0"]);
    assert_eq!(met.outcome(&uris[0]), "new");
    assert_eq!(met.outcome(&uris[1]), "new");
    // The first 500 KiB count, and they hold the rule.
    assert_eq!(met.outcome(&uris[2]), "skipped robots_disallowed");
}
