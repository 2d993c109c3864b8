use std::collections::BTreeSet;
use std::process::Command as Process;

use crate::support::commands::commands;
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
    let asked = format!(
        "{script}\nCOMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9\n\
         _toolkit toolkit '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
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
