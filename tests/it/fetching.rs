//! What goes with a request, and where: cookies, headers and passwords go to their host and to no other;
//! a proxy, an authority and an exempt host count for whom they are named.

use rstest::rstest;

use crate::support::database::Engine;
use crate::support::server::{Answer, Server};
use crate::support::temporary_folder;
use crate::support::tls::TlsServer;
use crate::support::toolkit::{Output, Toolkit};
use crate::support::workplace::{Workplace, text_of};

use Engine::{Postgres, Sqlite};

const VARIABLES: [(&str, &str); 3] = [
    ("KEY", "the-key"),
    ("LOGIN", "ada:lovelace"),
    ("TOKEN", "Bearer abc.def"),
];

fn crawl(place: &Workplace, arguments: &[&str]) -> Output {
    let command = place.command(&[&["crawl", "--delay", "0"], arguments].concat());
    let command = VARIABLES.iter().fold(command, |command, (name, value)| {
        command.environment(name, *value)
    });
    command.run()
}

/// The address of the same server under a name, which is another host.
fn by_name(url: &str) -> String {
    url.replace("127.0.0.1", "localhost")
}

fn host_of(server: &Server) -> String {
    server.url("").replace("http://", "")
}

#[rstest]
fn cookies_last_for_a_job_and_stay_with_their_host(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder().start();
    let away = by_name(&server.url("/away"));
    let start =
        format!("<a href=/next>next</a> <a href=/deep/page>deep</a> <a href='{away}'>away</a>");
    server.set(
        "/",
        Answer::page(start).header("Set-Cookie", "session=abc; Path=/; HttpOnly"),
    );
    for path in ["/next", "/deep/page", "/away"] {
        server.set(path, Answer::page(path));
    }
    let place = Workplace::new(engine);
    let (seed, other) = (server.url("/"), by_name(&server.url("/away")));
    let arguments = [&*seed, &other, "--allow-private", "--concurrency", "1"];
    let cookie = |target: &str| {
        let request = server.last_request(target).expect("a request");
        request.header("cookie").map(str::to_owned)
    };
    for run in 0..2 {
        let output = crawl(&place, &arguments);
        assert_eq!(output.code(), Some(0), "{}", output.snapshot());
        assert_eq!(cookie("/"), None, "run {run}");
        assert_eq!(cookie("/next").as_deref(), Some("session=abc"));
        assert_eq!(cookie("/deep/page").as_deref(), Some("session=abc"));
        assert_eq!(cookie("/away"), None);
    }
    crawl(&place, &[&arguments[..], &["--no-cookies"]].concat());
    assert_eq!(cookie("/next"), None);
}

#[rstest]
fn credentials_go_to_their_host_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder().start();
    let other = Server::builder()
        .answer("/elsewhere", Answer::page("e"))
        .start();
    server.set(
        "/",
        Answer::page("<a href=/moved>m</a><a href=/gone>g</a><a href=/in>i</a>"),
    );
    server.set(
        "/moved",
        Answer::redirect(302, &by_name(&server.url("/landed"))),
    );
    server.set("/gone", Answer::redirect(302, &other.url("/elsewhere")));
    server.set("/in", Answer::status(403));
    server.set("/landed", Answer::page("landed"));
    let place = Workplace::new(engine);
    let (seed, landed, host) = (
        server.url("/"),
        by_name(&server.url("/landed")),
        host_of(&server),
    );
    let (key, login) = (format!("{host}=X-Key:env:KEY"), format!("{host}=env:LOGIN"));
    let arguments = [
        &*seed,
        &landed,
        &other.url("/elsewhere"),
        "--allow-private",
        "--header",
        &key,
        "--auth",
        &login,
    ];
    let output = crawl(&place, &arguments);
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    let sent = |server: &Server, target: &str| {
        let request = server.last_request(target).expect("a request");
        let value = |name| request.header(name).map(str::to_owned);
        (value("x-key"), value("authorization"))
    };
    let both = (
        Some("the-key".to_owned()),
        Some("Basic YWRhOmxvdmVsYWNl".to_owned()),
    );
    for target in ["/", "/moved", "/gone", "/in"] {
        assert_eq!(sent(&server, target), both, "{target}");
    }
    assert_eq!(sent(&server, "/landed"), (None, None));
    assert_eq!(sent(&other, "/elsewhere"), (None, None));
    assert_eq!(sent(&other, "/robots.txt"), (None, None));
    assert_eq!(
        place.value("SELECT reason FROM frontier WHERE outcome = 'failed'"),
        "http_denied"
    );
    let params = place.value("SELECT CAST(params AS TEXT) FROM jobs");
    assert!(
        params.contains("env:KEY") && params.contains("env:LOGIN"),
        "{params}"
    );
}

#[test]
fn a_resume_reads_the_variable_again() {
    let server = Server::builder()
        .answer("/", Answer::page("<a href=/2>2</a>"))
        .answer("/2", Answer::page("2"))
        .start();
    let place = Workplace::new(Sqlite);
    let auth = format!("{}=env:TOKEN", host_of(&server));
    let seed = server.url("/");
    let missing = place.run(&["crawl", &seed, "--allow-private", "--auth", &auth]);
    assert_eq!(missing.code(), Some(1));
    assert!(
        missing
            .stderr
            .contains("error: the variable TOKEN is not set"),
        "{}",
        missing.stderr
    );
    assert!(missing.stderr.contains("hint: "), "{}", missing.stderr);
    assert!(server.requests().is_empty());
    assert!(!place.user.folder().join("toolkit.db").exists());

    let output = crawl(&place, &[&seed, "--allow-private", "--auth", &auth]);
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    place.database.execute(
        "UPDATE jobs SET state = 'cancelled'; UPDATE frontier SET outcome = NULL, source_id = NULL \
         WHERE uri LIKE '%/2'",
    );
    let asked = server.requests().len();
    let resume = ["crawl", "--resume", "last"];
    let missing = place.run(&resume);
    assert_eq!(missing.code(), Some(1), "{}", missing.stderr);
    assert!(
        missing.stderr.contains("the variable TOKEN is not set"),
        "{}",
        missing.stderr
    );
    assert_eq!(server.requests().len(), asked);
    let resumed = place
        .command(&resume)
        .environment("TOKEN", "Bearer second")
        .run();
    assert_eq!(resumed.code(), Some(0), "{}", resumed.snapshot());
    let request = server.last_request("/2").expect("a request");
    assert_eq!(request.header("authorization"), Some("Bearer second"));
}

#[test]
fn what_is_misspelt_is_told_without_what_may_be_secret() {
    let place = Workplace::new(Sqlite);
    for (arguments, expected) in [
        (
            &["--header", "a.example=X-Key:s3cret"][..],
            "header must be HOST=NAME:env:VARIABLE",
        ),
        (
            &["--auth", "a.example=ada:s3cret"],
            "auth must be HOST=env:VARIABLE",
        ),
        (
            &["--proxy", "http://ada:s3cret@p.example"],
            "proxy must be http://HOST:PORT",
        ),
        (
            &["--proxy", "http://p.example", "--proxy-auth", "ada:s3cret"],
            "proxy-auth must be env:VARIABLE",
        ),
        (
            &["--allow-host", "http://a.example/"],
            "allow-host must be a host",
        ),
        (
            &["--total-timeout", "0"],
            "total-timeout must be more than 0",
        ),
    ] {
        let output = crawl(&place, &[&["http://a.example/"], arguments].concat());
        assert_eq!(output.code(), Some(2), "{arguments:?} {}", output.stderr);
        assert!(output.stderr.contains(expected), "{}", output.stderr);
        assert!(!output.stderr.contains("s3cret"), "{}", output.stderr);
    }
}

#[rstest]
fn everything_goes_through_the_proxy(#[values(Sqlite, Postgres)] engine: Engine) {
    let proxy = Server::builder()
        .answer(
            "http://site.example/robots.txt",
            Answer::status(200).body("text/plain", "disallow:"),
        )
        .answer(
            "http://site.example/",
            Answer::page("<a href=/two>two</a> <a href=http://localhost/x>x</a>"),
        )
        .answer("http://site.example/two", Answer::page("two"))
        .start();
    let place = Workplace::new(engine);
    let arguments = [
        "http://site.example/",
        "http://localhost/x",
        "http://10.1.2.3/",
        "--proxy",
        &proxy.url(""),
        "--proxy-auth",
        "env:LOGIN",
    ];
    let output = crawl(&place, &arguments);
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    let mut asked = proxy.requests();
    asked.sort();
    assert_eq!(
        asked,
        ["", "llms.txt", "robots.txt", "two"].map(|path| format!("http://site.example/{path}"))
    );
    let request = proxy
        .last_request("http://site.example/two")
        .expect("a request");
    assert_eq!(
        request.header("proxy-authorization"),
        Some("Basic YWRhOmxvdmVsYWNl")
    );
    // What the proxy could reach on this machine or in its network stays out of reach.
    assert_eq!(place.count("frontier WHERE reason = 'address_refused'"), 2);
    // The proxy's address is not the site's.
    assert_eq!(
        place.count("events WHERE CAST(payload AS TEXT) LIKE '%remote_address%'"),
        0
    );
}

#[test]
fn an_authority_is_trusted_when_its_file_is_named() {
    let server = TlsServer::start(&[("/", "<a href=/in>in</a>"), ("/in", "inside")]);
    let folder = temporary_folder();
    let roots = folder.path().join("roots.pem");
    let place = Workplace::new(Sqlite);
    let base = ["--allow-private", "--retries", "0"];
    let seed = server.url("/");
    let stranger = crawl(&place, &[&[&*seed], &base[..]].concat());
    assert_eq!(stranger.code(), Some(1), "{}", stranger.stderr);
    // robots.txt is asked for first, and its origin is out of reach.
    let detail = place.value("SELECT detail FROM frontier");
    assert!(detail.starts_with("tls_failed"), "{detail}");

    let with_roots = [&[&*seed], &base[..], &["--ca-file", text_of(&roots)]].concat();
    for (content, expected) in [
        (None, "cannot read the root certificates"),
        (Some(""), "holds no usable root certificate"),
        (
            Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            "holds no usable root certificate",
        ),
    ] {
        if let Some(content) = content {
            std::fs::write(&roots, content).expect("a file");
        }
        let output = crawl(&place, &with_roots);
        assert_eq!(output.code(), Some(1), "{}", output.stderr);
        assert!(output.stderr.contains(expected), "{}", output.stderr);
    }
    assert_eq!(place.count("jobs"), 1);

    std::fs::write(&roots, server.authority()).expect("a file");
    let output = crawl(&place, &with_roots);
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    assert_eq!(place.count("sources"), 2);
}

#[rstest]
fn one_private_host_is_exempt_and_no_other(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Server::builder().start();
    let other = Server::builder().answer("/", Answer::page("other")).start();
    let away = other.url("/");
    server.set("/", Answer::page("<a href=/moved>moved</a>"));
    server.set("/moved", Answer::redirect(302, &away));
    let place = Workplace::new(engine);
    let host = host_of(&server);
    let named = by_name(&server.url("/"));
    let arguments = [
        &*server.url("/"),
        &away,
        &named,
        "--allow-host",
        &host,
        "--retries",
        "0",
    ];
    let output = crawl(&place, &arguments);
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    assert_eq!(place.value("SELECT uri FROM sources"), server.url("/"));
    assert!(other.requests().is_empty());
    assert_eq!(place.count("frontier WHERE reason = 'address_refused'"), 2);

    // A host without a port is meant with all of its ports; a name is not its address.
    let place = Workplace::new(engine);
    let arguments = [
        &*server.url("/"),
        &away,
        &named,
        "--allow-host",
        "127.0.0.1",
    ];
    crawl(&place, &arguments);
    assert_eq!(place.count("sources"), 2);
    let refused = place.value("SELECT uri FROM frontier WHERE reason = 'address_refused'");
    assert_eq!(refused, named);
}

/// What is asked about a site is asked on the same way as a crawl's pages.
#[test]
fn robots_goes_the_way_of_a_crawl() {
    let user = Toolkit::new();
    let proxy = Server::builder()
        .answer("http://site.test/robots.txt", rules("/private"))
        .start();
    let (address, url) = (proxy.url(""), "http://site.test/private");
    let command = [
        "robots",
        url,
        "--proxy",
        &address,
        "--proxy-auth",
        "env:LOGIN",
    ];
    let output = user.command(command).run();
    assert!(
        output.stderr.contains("the variable LOGIN is not set"),
        "{}",
        output.stderr
    );
    let (name, login) = VARIABLES[1];
    let output = user.command(command).environment(name, login).run();
    assert_eq!(output.code(), Some(3), "{}", output.snapshot());
    let asked = proxy
        .last_request("http://site.test/robots.txt")
        .expect("a request");
    assert_eq!(
        asked.header("proxy-authorization"),
        Some("Basic YWRhOmxvdmVsYWNl")
    );

    let server = TlsServer::start(&[("/robots.txt", "")]);
    let url = server.url("/page");
    let asks = ["robots", &url, "--allow-private"];
    assert_eq!(
        user.run(asks).code(),
        Some(3),
        "an authority that nobody knows"
    );
    std::fs::write(user.folder().join("roots.pem"), server.authority()).expect("a file");
    let output = user.run([&asks[..], &["--ca-file", "roots.pem"]].concat());
    assert_eq!(output.code(), Some(0), "{}", output.snapshot());
    let both = [
        "robots",
        &url,
        "--ca-file",
        "roots.pem",
        "--file",
        "robots.txt",
    ];
    assert_eq!(user.run(both).code(), Some(2), "a file is no site");
}

fn rules(disallowed: &str) -> Answer {
    let rules = format!("User-agent: *\nDisallow: {disallowed}\n");
    Answer::status(200).body("text/plain", rules)
}
