//! `toolkit report why`: why one URL is here, or why it is not.

use clap::Args;
use url::Url;

use crate::cli::environment;
use crate::cli::failure::Failure;
use crate::cli::output::{OutputOptions, print};
use crate::crawl::{absolute_seeds, normalize};
use crate::report;
use crate::store::Store;

const EXAMPLES: &str = "\
Examples:
  toolkit report why https://example.com/secret
  toolkit report why ./site-folder/old.html --format json";

/// Why is this URL here, or why is it not?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A URL, or a file's path; it need not be stored
    #[arg(value_name = "URL")]
    url: String,
}

/// Runs the command.
pub fn run(
    store: &mut Store,
    options: &OutputOptions,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let typed = environment::without_userinfo(arguments.url.trim());
    print(&report::why(store, &spellings(&typed))?, options)?;
    Ok(())
}

/// The ways in which a crawl may know what was typed: as it is, as a seed, and normalized.
fn spellings(typed: &str) -> Vec<String> {
    let mut spellings = vec![typed.to_owned()];
    let mut add = |spelling: String| {
        if !spellings.contains(&spelling) {
            spellings.push(spelling);
        }
    };
    let with_scheme = format!("https://{typed}");
    for spelling in [typed, with_scheme.as_str()] {
        let Ok(seeds) = absolute_seeds(&[spelling.to_owned()]) else {
            continue;
        };
        for seed in seeds {
            if let Ok(url) = Url::parse(&seed) {
                add(normalize(&url, false));
                add(normalize(&url, true));
            }
            add(seed);
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_known_in_its_normal_form() {
        let known = |typed: &str| spellings(typed);
        for typed in [
            "HTTPS://Example.com:443/a/../b?utm_source=x#top",
            "example.com/b",
            "https://example.com/b",
        ] {
            let expected = "https://example.com/b".to_owned();
            assert!(
                known(typed).contains(&expected),
                "{typed}: {:?}",
                known(typed)
            );
        }
        assert!(known("").len() <= 2);
    }
}
