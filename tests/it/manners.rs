use std::collections::BTreeSet;
use std::process::Command as Process;

use crate::support::commands::commands;
use crate::support::copy_site;
use crate::support::toolkit::Toolkit;

#[test]
fn every_command_has_a_manual_page() {
    let toolkit = Toolkit::new();
    let output = toolkit.succeed(["man", "--output", "pages/man1"]);
    let folder = toolkit.folder().join("pages/man1");
    let written: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let found = commands(&toolkit);
    let wanted: BTreeSet<String> = found
        .iter()
        .map(|command| format!("{}.1", command.name().replace(' ', "-")))
        .collect();
    assert_eq!(written, wanted);
    assert_eq!(
        output.stderr,
        format!("{} pages are in pages/man1\n", wanted.len())
    );
    for command in &found {
        let file = folder.join(format!("{}.1", command.name().replace(' ', "-")));
        let page = std::fs::read_to_string(&file).unwrap();
        let printed = toolkit.succeed(["man".to_owned()].iter().chain(&command.words));
        assert_eq!(printed.stdout, page, "{}", command.name());
        assert!(page.contains(".SH NAME"), "{page}");
        for option in crate::support::document::flags(&command.help) {
            let spelled = option.replace('-', "\\-");
            assert!(page.contains(&spelled), "{}: {option}", command.name());
        }
    }
}

#[test]
fn a_manual_page_is_read_by_its_own_program() {
    let toolkit = Toolkit::new();
    let page = toolkit.succeed(["man", "report", "incomplete"]);
    let file = toolkit.folder().join("page.1");
    std::fs::write(&file, &page.stdout).unwrap();
    // mandoc and groff are not everywhere; where one is, it must have no complaint.
    let Ok(read) = Process::new("groff")
        .args(["-man", "-Tutf8", "-ww", "-z"])
        .arg(&file)
        .output()
    else {
        return;
    };
    assert!(
        read.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&read.stderr)
    );
}

#[test]
fn a_page_of_no_command_is_refused() {
    let output = Toolkit::new().run(["man", "report", "complete"]);
    insta::assert_snapshot!(output.snapshot(), @r#"
    -- stderr
    error: there is no command "report complete"
    hint: `toolkit --help` lists the commands
    -- exit 2
    "#);
}

/// Asks bash what it would complete `line` with, once the script is loaded.
fn completed(script: &str, line: &[&str]) -> Vec<String> {
    let words: Vec<String> = line.iter().map(|word| format!("'{word}'")).collect();
    // Through a file: the script is longer than one argument may be.
    let folder = crate::support::temporary_folder();
    let file = folder.path().join("toolkit.bash");
    std::fs::write(&file, script).expect("cannot write the script");
    let asked = format!(
        "source '{}'\nCOMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9\n\
         _toolkit toolkit '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        file.display(),
        words.join(" "),
        line.len() - 1,
        line[line.len() - 1],
        line[line.len() - 2],
    );
    let output = Process::new("bash")
        .args(["--norc", "--noprofile", "-euc", &asked])
        .output()
        .expect("bash is where tests run");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let words = String::from_utf8(output.stdout).expect("words");
    words.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    let script = Toolkit::new().succeed(["completions", "bash"]).stdout;
    assert_eq!(
        completed(&script, &["toolkit", "report", "incom"]),
        ["incomplete"]
    );
    assert_eq!(
        completed(&script, &["toolkit", "crawl", "--max-pages-p"]),
        ["--max-pages-per-host"]
    );
    assert_eq!(
        completed(&script, &["toolkit", "--format", "jsonl"]),
        ["jsonl"]
    );
}

#[test]
fn other_shells_have_their_scripts() {
    let toolkit = Toolkit::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = toolkit.succeed(["completions", shell]).stdout;
        for word in ["incomplete", "max-pages-per-host", "jsonl"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(toolkit.run(["completions", "tcsh"]).code(), Some(2));
}

/// Returns what stands on standard error, one object a line.
fn events(output: &crate::support::toolkit::Output) -> Vec<serde_json::Value> {
    let lines = output.stderr.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{error}\n{}", output.stderr))
}

#[test]
fn a_log_in_json_is_one_object_a_line_with_the_job() {
    let toolkit = Toolkit::new();
    copy_site("harbor", &toolkit.folder().join("site"));
    let words = ["--log-format", "json", "--max-body", "200KB"];
    let ran = toolkit.succeed(["run", "site"].iter().chain(&words));
    let found = events(&ran);
    let listed = toolkit.succeed(["jobs", "list", "--format", "jsonl"]);
    for job in listed.json_lines() {
        let of_job: Vec<_> = found
            .iter()
            .filter(|event| event["job_id"] == job["id"])
            .collect();
        let stage = match job["kind"].as_str() {
            Some("crawl") => "crawling",
            _ => "extracting",
        };
        let progress: Vec<_> = of_job
            .iter()
            .filter(|event| event["event"] == "progress" && event["stage"] == stage)
            .collect();
        assert!(progress.len() >= 2, "{stage}\n{}", ran.stderr);
        let last = progress[progress.len() - 1];
        assert!(
            last["done"].as_u64() > progress[0]["done"].as_u64(),
            "{last}"
        );
        assert!(last["elapsed_seconds"].is_number() && last["time"].is_string());
        let ended = of_job.iter().find(|event| event["event"] == "job_ended");
        let ended = ended.unwrap();
        assert_eq!(ended["state"], "completed");
        assert_eq!(ended["balances"], true);
    }
    // What is data is on standard output alone, and is as it is without.
    assert!(ran.stdout.starts_with("jobs\n"));
    for words in [&["db", "verify"][..], &["db", "check", "--deep"]] {
        let ran = toolkit.succeed(words.iter().chain(&["--log-format=json"]));
        let found = events(&ran);
        let verified = found
            .iter()
            .rfind(|event| event["stage"] == "verifying events");
        assert!(verified.is_some(), "{}", ran.stderr);
        assert!(toolkit.succeed(words).stderr.is_empty());
    }
    let quiet = ["jobs", "list", "--log-format=json", "--quiet"];
    assert_eq!(toolkit.succeed(quiet).stderr, "");
}

#[test]
fn a_failure_in_a_log_in_json_has_its_hint_and_its_code() {
    let toolkit = Toolkit::new();
    let ran = toolkit
        .command(["report", "incomplete"])
        .environment("TOOLKIT_LOG_FORMAT", "json")
        .run();
    let found = events(&ran);
    assert_eq!(found.len(), 1, "{}", ran.stderr);
    assert_eq!(
        (&found[0]["level"], &found[0]["event"]),
        (&"error".into(), &"failure".into())
    );
    assert_eq!(found[0]["exit_code"], 1);
    assert!(
        found[0]["hint"]
            .as_str()
            .unwrap()
            .contains("toolkit run SEED")
    );
    let ran = toolkit.run(["page", "missing.html", "--log-format", "json"]);
    assert_eq!(events(&ran)[0]["event"], "error", "{}", ran.stderr);
}
