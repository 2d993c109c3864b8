//! A site that is made up on request, with a manifest of what a crawl of it must find.

use std::fmt::Write as _;

use super::random::Random;
use super::server::{Answer, Server};

/// Links on each page, besides the two that only it is sure to lead to.
const FURTHER_LINKS: usize = 10;
/// Every so many pages one has another name, which redirects to it.
const MOVED_EVERY: usize = 40;
/// Every so many pages one links to a page that is not there, and to one that robots.txt disallows.
const LOST_EVERY: usize = 100;

/// A site of so many pages, every one of which is reached from the first.
#[derive(Clone, Copy)]
pub struct GeneratedSite {
    pub pages: usize,
}

impl GeneratedSite {
    /// Serves it, with a robots.txt.
    pub fn serve(self) -> Server {
        let rules = "user-agent: *\ndisallow: /private/\n";
        Server::builder()
            .answer("/robots.txt", Answer::status(200).body("text/plain", rules))
            .generated(move |target| self.answer(target))
            .start()
    }

    /// Returns a page's path.
    pub fn path(number: usize) -> String {
        format!("/page-{number}.html")
    }

    /// Returns a page's bytes.
    pub fn page(self, number: usize) -> Vec<u8> {
        let mut random = Random::new(number as u64);
        let children = [2 * number + 1, 2 * number + 2];
        let mut links: Vec<_> = children
            .into_iter()
            .filter(|child| *child < self.pages)
            .map(Self::path)
            .collect();
        for _ in 0..FURTHER_LINKS {
            let other = random.below(self.pages as u64) as usize;
            links.push(match other % MOVED_EVERY {
                0 => format!("/moved-{other}"),
                _ => Self::path(other),
            });
        }
        if number.is_multiple_of(LOST_EVERY) {
            links.push(format!("/lost-{number}"));
            links.push(format!("/private/{number}"));
        }
        let mut page = format!(
            "<!doctype html><html lang=en><title>Page {number}</title><h1>Page {number}</h1><p>"
        );
        for _ in 0..120 {
            let _ = write!(page, "w{} ", random.below(5_000));
        }
        for link in links {
            let _ = writeln!(page, "<a href=\"{link}\">{link}</a>");
        }
        page.into_bytes()
    }

    fn answer(self, target: &str) -> Option<Answer> {
        if let Some(number) = target.strip_prefix("/moved-") {
            return Some(Answer::redirect(301, &Self::path(number.parse().ok()?)));
        }
        let number = target.strip_prefix("/page-")?.strip_suffix(".html")?;
        let number = number.parse().ok()?;
        (number < self.pages).then(|| Answer::page(self.page(number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_the_same_each_time_and_others_differ() {
        let site = GeneratedSite { pages: 300 };
        assert_eq!(site.page(7), site.page(7));
        assert_ne!(site.page(7), site.page(8));
        let text = |number| String::from_utf8(site.page(number)).unwrap();
        assert!(text(7).contains("\"/page-15.html\"") && text(7).contains("\"/page-16.html\""));
        assert!(text(100).contains("/lost-100") && text(100).contains("/private/100"));
        assert!((0..300).any(|number| text(number).contains("/moved-")));
        assert!(site.answer("/page-299.html").is_some() && site.answer("/moved-40").is_some());
        assert!(site.answer("/page-300.html").is_none() && site.answer("/lost-0").is_none());
    }
}
