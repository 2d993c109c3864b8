//! Laws of robots.txt: any bytes are read, and a refusal can name the line that decided.

use toolkit::crawl::{Robots, Verdict};

use super::first_line;

/// Below this size no limit of the parser cuts anything, so that two spellings of a file are comparable.
const UNCUT: usize = 8_000;

/// The first line is the agent, the second a path with its query, the rest the file.
pub fn robots(data: &[u8]) {
    let (agent, rest) = first_line(data);
    let (path, file) = first_line(rest);
    let (agent, path) = (
        String::from_utf8_lossy(agent),
        String::from_utf8_lossy(path),
    );
    let rules = Robots::parse(file);
    let verdict = rules.decide(&agent, &path);
    assert!(rules.decide(&agent, "/robots.txt").allowed);
    assert!(verdict.allowed || verdict.line.is_some());
    assert_eq!(verdict.line.is_some(), verdict.rule.is_some());
    if let Some(delay) = rules.crawl_delay(&agent) {
        assert!((0.0..=86_400.0).contains(&delay), "{delay}");
    }
    if file.len() < UNCUT {
        the_line_is_in_the_file(&verdict, file);
        line_ends_make_no_difference(&verdict, &agent, &path, file);
    }
}

fn the_line_is_in_the_file(verdict: &Verdict, file: &[u8]) {
    let (Some(number), Some(rule)) = (verdict.line, &verdict.rule) else {
        return;
    };
    // Octets that are no UTF-8 are shown escaped.
    let Ok(text) = std::str::from_utf8(file) else {
        return;
    };
    let text = text.replace("\r\n", "\n");
    let line = text.split(['\r', '\n']).nth(number as usize - 1);
    let line = line.unwrap_or_else(|| panic!("there is no line {number}"));
    assert!(line.contains(rule.as_str()), "{line:?} is not {rule:?}");
}

fn line_ends_make_no_difference(verdict: &Verdict, agent: &str, path: &str, file: &[u8]) {
    if file.contains(&b'\r') {
        return;
    }
    let lines: Vec<_> = file.split(|&byte| byte == b'\n').collect();
    for end in ["\r\n", "\r"] {
        let other = lines.join(end.as_bytes());
        assert_eq!(&Robots::parse(&other).decide(agent, path), verdict);
    }
}
