//! The command that does again what a job did: its settings, wherever they came from, as flags.
//!
//! Owns how a setting is typed; what it means is the settings' own. A test reads every command back.

use serde_json::Value as Json;

use super::environment::quoted;
use crate::crawl::CrawlSettings;

/// Writes the command for a job of a kind with these parameters; `None` where there is none.
pub fn command(kind: &str, params: &Json) -> Option<String> {
    let words = match kind {
        "crawl" => crawl_words(&CrawlSettings::from_json(params).ok()?),
        "extract" => extract_words(params),
        _ => return None,
    };
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    Some(
        format!("toolkit {kind} {}", quoted.join(" "))
            .trim_end()
            .to_owned(),
    )
}

/// The words after `toolkit crawl`.
fn crawl_words(settings: &CrawlSettings) -> Vec<String> {
    let defaults = CrawlSettings::default();
    let mut words = Words(settings.seeds.clone());
    words.texts("sitemap", &settings.sitemap_seeds);
    words.text("base-url", settings.base_url.as_deref());
    words.texts("include", &settings.include);
    words.texts("exclude", &settings.exclude);
    words.texts("path-prefix", &settings.path_prefix);
    words.texts("hosts", &settings.hosts);
    words.texts("language", &settings.language);
    words.number("max-depth", settings.max_depth, None);
    words.number("max-pages", settings.max_pages, None);
    words.number("max-pages-per-host", settings.max_pages_per_host, None);
    words.number("max-bytes", settings.max_bytes, None);
    words.number(
        "max-body",
        Some(settings.max_body),
        Some(&defaults.max_body),
    );
    words.number("daily-quota", settings.daily_quota, None);
    words.number("max-duration", settings.max_duration, None);
    words.number("delay", settings.delay, None);
    words.number(
        "per-host",
        Some(settings.per_host),
        Some(&defaults.per_host),
    );
    words.number(
        "concurrency",
        Some(settings.concurrency),
        Some(&defaults.concurrency),
    );
    words.number(
        "max-wait",
        Some(settings.max_wait),
        Some(&defaults.max_wait),
    );
    words.number("retries", Some(settings.retries), Some(&defaults.retries));
    words.number("timeout", Some(settings.timeout), Some(&defaults.timeout));
    words.number("total-timeout", settings.total_timeout, None);
    let agent = Some(settings.user_agent.as_str());
    words.text(
        "user-agent",
        agent.filter(|agent| *agent != defaults.user_agent),
    );
    words.texts("allow-host", &settings.allow_hosts);
    words.texts("header", &settings.headers);
    words.texts("auth", &settings.auth);
    words.text("proxy", settings.proxy.as_deref());
    words.text("proxy-auth", settings.proxy_auth.as_deref());
    words.text("ca-file", settings.ca_file.as_deref());
    words.text("warc", settings.warc.as_deref());
    for (flag, is_set) in [
        ("subdomains", settings.subdomains),
        ("hidden", settings.hidden),
        ("keep-tracking", settings.keep_tracking),
        ("no-trap-guard", !settings.trap_guard),
        ("refetch", settings.refetch),
        ("allow-private", settings.allow_private),
        ("no-cookies", settings.no_cookies),
        ("ignore-robots", settings.ignore_robots),
        ("ignore-nofollow", settings.ignore_nofollow),
        ("ignore-noindex", settings.ignore_noindex),
        ("no-sitemap", !settings.sitemaps),
        ("no-llms-txt", !settings.llms_txt),
        ("link-rows", settings.link_rows),
    ] {
        if is_set {
            words.0.push(format!("--{flag}"));
        }
    }
    words.0
}

/// The words after `toolkit extract`. A job that was asked for is one of the database that it was asked of.
fn extract_words(params: &Json) -> Vec<String> {
    let mut words = Words(Vec::new());
    let profile = params["profile"].as_str();
    words.text("profile", profile.filter(|name| *name != "default"));
    let selection = &params["selection"];
    words.text("source", selection["source"].as_str());
    words.text("group", selection["group"].as_str());
    words.number("concurrency", params["concurrency"].as_u64(), None);
    match selection["scope"].as_str() {
        Some("stale") => words.0.push("--stale".to_owned()),
        Some("all") => words.0.push("--force".to_owned()),
        _ => {}
    }
    words.0
}

/// Words of a command line.
struct Words(Vec<String>);

impl Words {
    fn text(&mut self, flag: &str, value: Option<&str>) {
        self.0
            .extend(value.map(|value| format!("--{flag}={value}")));
    }

    fn texts(&mut self, flag: &str, values: &[String]) {
        for value in values {
            self.text(flag, Some(value));
        }
    }

    fn number<N: PartialEq + ToString>(
        &mut self,
        flag: &str,
        value: Option<N>,
        default: Option<&N>,
    ) {
        if let Some(value) = value
            && Some(&value) != default
        {
            self.text(flag, Some(&value.to_string()));
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::crawl::CrawlFlags;

    #[derive(Parser)]
    struct Typed {
        seeds: Vec<String>,
        #[command(flatten)]
        flags: CrawlFlags,
    }

    fn read_back(settings: &CrawlSettings) -> CrawlSettings {
        let mut words = vec!["crawl".to_owned()];
        words.extend(crawl_words(settings));
        let typed = Typed::try_parse_from(words).unwrap();
        typed.flags.settings(&typed.seeds).ok().unwrap()
    }

    #[test]
    fn every_setting_comes_back_from_the_command() {
        let plain = CrawlSettings {
            seeds: vec!["https://example.com/".to_owned()],
            ..CrawlSettings::default()
        };
        assert_eq!(read_back(&plain), plain);
        assert_eq!(
            command("crawl", &plain.to_json()).as_deref(),
            Some("toolkit crawl https://example.com/")
        );
        let all = |text: &str| vec![text.to_owned()];
        let changed = CrawlSettings {
            seeds: all("https://example.com/a%20b"),
            malformed: Vec::new(),
            base_url: Some("https://example.com/base/".to_owned()),
            sitemap_seeds: all("https://example.com/sitemap.xml"),
            sitemaps: false,
            llms_txt: false,
            max_depth: Some(0),
            max_pages: Some(7),
            max_bytes: Some(1_234_567),
            max_duration: Some(0.25),
            max_pages_per_host: Some(3),
            daily_quota: Some(9),
            max_wait: 1.5,
            concurrency: 2,
            per_host: 1,
            delay: Some(0.001),
            retries: 0,
            user_agent: "a bot/1".to_owned(),
            include: all("^https://.*'"),
            exclude: all("draft,old"),
            subdomains: true,
            path_prefix: all("/docs"),
            hosts: all("localhost:8080"),
            language: all("de"),
            ignore_nofollow: true,
            ignore_noindex: true,
            trap_guard: false,
            link_rows: true,
            allow_private: true,
            allow_hosts: all("10.0.0.1"),
            headers: all("example.com=X-Key:env:KEY"),
            auth: all("example.com=env:LOGIN"),
            proxy: Some("http://proxy.example:8080".to_owned()),
            proxy_auth: Some("env:PROXY".to_owned()),
            ca_file: Some("/etc/ca.pem".to_owned()),
            no_cookies: true,
            refetch: true,
            ignore_robots: true,
            timeout: 12.0,
            total_timeout: Some(99.0),
            max_body: 1,
            hidden: true,
            keep_tracking: true,
            warc: Some("/tmp/a b.warc.gz".to_owned()),
        };
        // Each setting is another than the default, so that none can be forgotten above.
        let (json, defaults) = (changed.to_json(), CrawlSettings::default().to_json());
        for (name, value) in json.as_object().unwrap() {
            assert_ne!(*value, defaults[name], "{name}");
        }
        assert_eq!(read_back(&changed), changed);
    }

    #[test]
    fn an_extraction_names_its_profile_and_its_sources() {
        let params = serde_json::json!({
            "profile": "product", "concurrency": null,
            "selection": {"scope": "all", "source": "https://e.com/a b", "group": null},
        });
        assert_eq!(
            command("extract", &params).as_deref(),
            Some("toolkit extract --profile=product '--source=https://e.com/a b' --force")
        );
        assert_eq!(command("upkeep", &params), None);
    }
}
