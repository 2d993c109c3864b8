//! Which options may stand in `toolkit.toml` and in the environment, in which table, and how far each reaches.
//!
//! What one run is about (seeds, jobs, digests, what is forced, dropped or written to) is no default and stands
//! in neither.

/// What a value can do to somebody who merely runs the program in a folder that came from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing outside that folder.
    Folder,
    /// It sends what is secret, trusts whom the user does not, or fetches what it otherwise would not.
    Beyond,
}

/// A table of `toolkit.toml`, and the options of one command that it takes.
#[derive(Debug)]
pub struct Section {
    /// Empty for the keys above all tables.
    pub name: &'static str,
    /// The words of the command whose options these are.
    pub command: &'static [&'static str],
    /// Long names of options that reach no further than the folder.
    within: &'static [&'static str],
    /// Long names of options that do: only a file that the user names may hold them.
    beyond: &'static [&'static str],
}

macro_rules! crawl_keys {
    ($($more:literal),*) => {
        &[
            "concurrency", "daily-quota", "delay", "exclude", "hidden", "hosts", "include", "keep-tracking",
            "language", "link-rows", "max-body", "max-bytes", "max-depth", "max-duration", "max-pages",
            "max-pages-per-host", "max-wait", "no-cookies", "no-llms-txt", "no-sitemap", "no-trap-guard",
            "path-prefix", "per-host", "refetch", "retries", "subdomains", "timeout", "total-timeout",
            "user-agent", $($more),*
        ]
    };
}

const CRAWL_BEYOND: &[&str] = &[
    "allow-host",
    "allow-private",
    "auth",
    "ca-file",
    "header",
    "ignore-nofollow",
    "ignore-noindex",
    "ignore-robots",
    "proxy",
    "proxy-auth",
];

/// Every table there is, that of all commands first.
pub const SECTIONS: &[Section] = &[
    Section {
        name: "",
        command: &[],
        within: &[
            "database",
            "format",
            "log-format",
            "quiet",
            "stable",
            "verbose",
        ],
        beyond: &[],
    },
    Section {
        name: "crawl",
        command: &["crawl"],
        within: crawl_keys!(),
        beyond: CRAWL_BEYOND,
    },
    Section {
        name: "extract",
        command: &["extract"],
        within: &["concurrency", "profile"],
        beyond: &[],
    },
    Section {
        name: "run",
        command: &["run"],
        within: crawl_keys!("profile", "threads"),
        beyond: CRAWL_BEYOND,
    },
];

impl Section {
    /// Returns the table of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SECTIONS.iter().find(|section| section.name == name)
    }

    /// Returns its keys, those that reach beyond the folder last.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.within.iter().chain(self.beyond).copied()
    }

    /// Says how far a key reaches.
    pub fn reach(&self, key: &str) -> Reach {
        if self.beyond.contains(&key) {
            Reach::Beyond
        } else {
            Reach::Folder
        }
    }

    /// Returns the option's name as reports show it: `crawl.delay`.
    pub fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    /// Returns the variable that stands in for an option: `TOOLKIT_CRAWL_DELAY`.
    pub fn variable(&self, key: &str) -> String {
        let path = self.path(key);
        format!("TOOLKIT_{}", path.replace(['.', '-'], "_").to_uppercase())
    }
}

/// Returns where an option of a command is looked for, the nearest table first: `run` crawls and extracts, and so
/// does as those two are told, unless it is told otherwise.
pub fn places(command: &[&str], option: &'static str) -> Vec<(&'static str, &'static str)> {
    match command {
        ["run"] => {
            let of_crawl =
                Section::named("crawl").is_some_and(|one| one.keys().any(|key| key == option));
            let inherited = match option {
                "threads" => ("extract", "concurrency"),
                _ if of_crawl => ("crawl", option),
                _ => ("extract", option),
            };
            vec![("run", option), inherited]
        }
        _ => SECTIONS
            .iter()
            .filter(|section| section.command == command)
            .map(|section| (section.name, option))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_an_option_of_its_command() {
        let definition = crate::cli::definition();
        for section in SECTIONS {
            let command = section.command.iter().fold(&definition, |command, word| {
                command.find_subcommand(word).expect(word)
            });
            for key in section.keys() {
                let has = command
                    .get_arguments()
                    .any(|one| one.get_long() == Some(key));
                assert!(has, "{}", section.path(key));
            }
        }
    }

    #[test]
    fn run_does_as_crawl_and_extract_are_told() {
        assert_eq!(
            places(&["run"], "delay"),
            [("run", "delay"), ("crawl", "delay")]
        );
        assert_eq!(
            places(&["run"], "threads"),
            [("run", "threads"), ("extract", "concurrency")]
        );
        assert_eq!(
            places(&["run"], "profile"),
            [("run", "profile"), ("extract", "profile")]
        );
        assert_eq!(places(&["crawl"], "delay"), [("crawl", "delay")]);
        assert_eq!(places(&["jobs", "list"], "delay"), []);
    }

    #[test]
    fn a_variable_says_its_table() {
        let crawl = Section::named("crawl").unwrap();
        assert_eq!(crawl.variable("max-pages"), "TOOLKIT_CRAWL_MAX_PAGES");
        assert_eq!(SECTIONS[0].variable("format"), "TOOLKIT_FORMAT");
        assert_eq!(crawl.reach("proxy"), Reach::Beyond);
        assert_eq!(crawl.reach("delay"), Reach::Folder);
    }
}
