use crate::support::copy_site;
use crate::support::toolkit::{Output, Toolkit};

/// Writes a file of settings into the folder that the program runs in.
fn write(toolkit: &Toolkit, name: &str, text: &str) {
    std::fs::write(toolkit.folder().join(name), text).expect("cannot write");
}

/// Returns value and origin of one setting; of a file's path only its name.
fn standing(output: &Output, setting: &str) -> (String, String) {
    let report = output.json();
    let rows = report["rows"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["setting"] == setting);
    let row = row.unwrap_or_else(|| panic!("no {setting} in {}", output.stdout));
    let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
    let origin = text("origin");
    let name = origin.rsplit('/').next().unwrap_or_default().to_owned();
    (text("value"), name)
}

fn show(toolkit: &Toolkit, arguments: &[&str]) -> Output {
    let words = ["config", "show", "--format", "json"];
    toolkit.succeed(words.iter().chain(arguments))
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let toolkit = Toolkit::new();
    write(
        &toolkit,
        "toolkit.toml",
        "database = 'file.db'\nverbose = true\n\n[crawl]\ndelay = '2s'\nconcurrency = 3\n",
    );
    let shown = show(&toolkit, &[]);
    for (setting, value, origin) in [
        ("database", "file.db", "toolkit.toml:1"),
        ("verbose", "true", "toolkit.toml:2"),
        ("crawl.delay", "2s", "toolkit.toml:5"),
        ("crawl.concurrency", "3", "toolkit.toml:6"),
        ("crawl.timeout", "30s", "default"),
        ("crawl.max-pages", "-", "default"),
        ("crawl.hidden", "false", "default"),
        ("format", "json", "flag"),
    ] {
        let expected = (value.to_owned(), origin.to_owned());
        assert_eq!(standing(&shown, setting), expected, "{setting}");
    }
    let words = ["config", "show", "--format=json", "--database=typed.db"];
    let shown = toolkit
        .command(words)
        .environment("TOOLKIT_DATABASE", "variable.db")
        .environment("TOOLKIT_VERBOSE", "no")
        .environment("TOOLKIT_CRAWL_DELAY", "7s")
        .environment("TOOLKIT_CRAWL_EXCLUDE", "a,b\nc")
        .run();
    for (setting, value, origin) in [
        ("database", "typed.db", "flag"),
        ("verbose", "false", "TOOLKIT_VERBOSE"),
        ("crawl.delay", "7s", "TOOLKIT_CRAWL_DELAY"),
        ("crawl.exclude", "a,b, c", "TOOLKIT_CRAWL_EXCLUDE"),
    ] {
        let expected = (value.to_owned(), origin.to_owned());
        assert_eq!(standing(&shown, setting), expected, "{setting}");
    }
    let shown = toolkit
        .command(["config", "show", "--format=json"])
        .environment("TOOLKIT_DATABASE", "variable.db")
        .run();
    assert_eq!(
        standing(&shown, "database"),
        ("variable.db".to_owned(), "TOOLKIT_DATABASE".to_owned())
    );
}

#[test]
fn what_is_set_is_what_happens_and_is_recorded() {
    let toolkit = Toolkit::new();
    copy_site("harbor", &toolkit.folder().join("site"));
    std::fs::create_dir(toolkit.folder().join("below")).unwrap();
    write(
        &toolkit,
        "toolkit.toml",
        "database = 'here.db'\n[crawl]\nmax-pages = 4\nexclude = ['draft', 'b c']\n[extract]\nconcurrency = 1\n",
    );
    let ran = toolkit.succeed(["run", "site", "--max-body", "200KB"]);
    let named = "toolkit.toml sets exclude, max-pages, threads";
    assert!(ran.stderr.contains(named), "{}", ran.snapshot());
    assert!(toolkit.folder().join("here.db").is_file());
    assert!(!toolkit.folder().join("toolkit.db").exists());
    let listed = toolkit.succeed(["jobs", "list", "--format", "jsonl"]);
    let jobs = listed.json_lines();
    let crawl = jobs.iter().find(|job| job["kind"] == "crawl").unwrap();
    let crawl = crawl["id"].as_str().unwrap();
    let command = toolkit
        .succeed(["jobs", "show", crawl, "--format", "json"])
        .stdout;
    assert!(
        command.contains(
            "toolkit run site --max-body 200KB --exclude=draft '--exclude=b c' --max-pages=4 --threads=1"
        ),
        "{command}"
    );
    assert!(
        command.contains("\"max_pages\":4") || command.contains("\"max_pages\": 4"),
        "{command}"
    );
    // What is typed stands, and is recorded once.
    let ran = toolkit.succeed(["crawl", "site", "--max-pages=5", "--quiet"]);
    assert_eq!(ran.stderr, "");
    let shown = toolkit
        .succeed(["jobs", "show", "last", "--format", "json"])
        .stdout;
    assert!(
        shown.contains("--max-pages=5") && !shown.contains("--max-pages=4"),
        "{shown}"
    );
    // Without the file nothing of it holds.
    let listed = toolkit.run(["jobs", "list", "--no-config"]);
    assert_eq!(listed.code(), Some(1), "{}", listed.snapshot());
}

#[test]
fn the_file_is_found_from_below_and_its_paths_are_its_own() {
    let toolkit = Toolkit::new();
    copy_site("harbor", &toolkit.folder().join("site"));
    write(&toolkit, "toolkit.toml", "database = 'here.db'\n");
    toolkit.succeed(["crawl", "site", "--max-pages", "2"]);
    let listed = std::process::Command::new(env!("CARGO_BIN_EXE_toolkit"))
        .args(["jobs", "list", "--format", "jsonl"])
        .current_dir(toolkit.folder().join("site"))
        .env_clear()
        .env("HOME", toolkit.home())
        .output()
        .unwrap();
    assert_eq!(listed.status.code(), Some(0));
    assert_eq!(String::from_utf8(listed.stdout).unwrap().lines().count(), 1);
    assert!(!toolkit.folder().join("site/here.db").exists());
}

#[test]
fn a_fault_is_told_with_its_place_and_what_to_write() {
    let toolkit = Toolkit::new();
    write(
        &toolkit,
        "toolkit.toml",
        "datbase = 'x.db'\n\n[crawl]\ndelay = 'much'\nmax_pages = 3\n\n[extrct]\n",
    );
    let told = toolkit.run(["report", "incomplete"]);
    insta::assert_snapshot!(told.snapshot(), @r#"
    -- stderr
    error: [FOLDER]/toolkit.toml has faults
      cause: [FOLDER]/toolkit.toml:1:1: unknown key `datbase` (write `database`)
      cause: [FOLDER]/toolkit.toml:4:9: `delay`: "much" is no duration; write a number and ms, s, m, h or d, as in [DURATION], 2s or 1.5m (`--help` of its command says what it takes)
      cause: [FOLDER]/toolkit.toml:5:1: unknown key `max_pages` (write `max-pages`)
      cause: [FOLDER]/toolkit.toml:7:2: unknown key `extrct` (write `extract`)
    hint: put them right, or leave the file out with --no-config
    -- exit 2
    "#);
    let without = toolkit.run(["report", "incomplete", "--no-config"]);
    assert_eq!(without.code(), Some(1), "{}", without.snapshot());
    // What only tells of the program needs no settings.
    toolkit.succeed(["completions", "bash"]);
    toolkit.succeed(["report", "incomplete", "--help"]);
    let told = toolkit
        .command(["jobs", "list", "--no-config"])
        .environment("TOOLKIT_CRAWL_DELAY", "much")
        .run();
    insta::assert_snapshot!(told.snapshot(), @r#"
    -- stderr
    error: TOOLKIT_CRAWL_DELAY has a fault
      cause: `delay`: "much" is no duration; write a number and ms, s, m, h or d, as in [DURATION], 2s or 1.5m (`--help` of its command says what it takes)
    -- exit 2
    "#);
}

#[test]
fn a_file_that_nobody_named_reaches_no_further_than_its_folder() {
    let toolkit = Toolkit::new();
    for text in [
        "database = 'postgres://elsewhere.example/all'",
        "database = '../all.db'",
        "database = '/tmp/all.db'",
        "[crawl]\nproxy = 'http://elsewhere.example:1'",
        "[crawl]\nauth = ['elsewhere.example=env:HOME']",
        "[crawl]\nheader = ['elsewhere.example=X:env:HOME']",
        "[crawl]\nca-file = 'ca.pem'",
        "[crawl]\nallow-private = true",
        "[run]\nignore-robots = true",
        "[extract]\nprofile = '../mine.toml'",
    ] {
        write(&toolkit, "toolkit.toml", text);
        let told = toolkit.run(["config", "show"]);
        assert_eq!(told.code(), Some(2), "{text}\n{}", told.snapshot());
        assert!(
            told.stderr.contains("reaches beyond the folder"),
            "{}",
            told.snapshot()
        );
        for named in [vec!["--config", "toolkit.toml"], vec!["--no-config"]] {
            let words = ["config", "show"].into_iter().chain(named);
            toolkit.succeed(words);
        }
        let told = toolkit
            .command(["config", "show"])
            .environment("TOOLKIT_CONFIG", "toolkit.toml")
            .run();
        assert_eq!(told.code(), Some(0), "{}", told.snapshot());
    }
}

#[test]
fn what_is_secret_is_not_shown() {
    let toolkit = Toolkit::new();
    write(
        &toolkit,
        "team.toml",
        "database = 'postgres://me:hunter2@h/d'\n[crawl]\nproxy = 'http://me:hunter2@proxy.example:8080'\n\
         auth = ['h.example=Bearer hunter2']\nheader = ['h.example=X-Key:env:KEY']\n",
    );
    for format in ["table", "json", "jsonl", "csv", "markdown"] {
        let words = ["config", "show", "--changed", "--config", "team.toml"];
        let shown = toolkit.succeed(words.into_iter().chain(["--format", format]));
        let all = format!("{}{}", shown.stdout, shown.stderr);
        assert!(!all.contains("hunter2"), "{all}");
        assert!(
            all.contains("env:KEY") && all.contains("proxy.example"),
            "{all}"
        );
    }
}

#[test]
fn a_named_file_that_is_not_there_is_told() {
    let told = Toolkit::new().run(["jobs", "list", "--config", "team.toml"]);
    insta::assert_snapshot!(told.snapshot(), @"
    -- stderr
    error: cannot read team.toml: No such file or directory (os error 2)
    hint: --config names a file of settings; --no-config reads none
    -- exit 2
    ");
}
