//! The way to servers as flags, the same for every command that asks one.
//!
//! Owns what they are called; what a proxy's address or a file of certificates must be is the crawl's to say.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit_code::Exit;
use super::failure::Failure;
use crate::crawl::CrawlSettings;

/// The heading of flags that say what may be reached, and as whom.
pub const ACCESS: &str = "Access and credentials";

/// A proxy, and an authority of one's own.
#[derive(Debug, Args)]
pub struct TransportFlags {
    /// Send every request through this proxy: http://, https:// or socks5://HOST:PORT
    #[arg(long, help_heading = ACCESS, value_name = "URL")]
    proxy: Option<String>,

    /// Log in at the proxy: a variable that holds user:password
    #[arg(long, help_heading = ACCESS, value_name = "env:VAR", requires = "proxy")]
    proxy_auth: Option<String>,

    /// Trust the root certificates in this PEM file, besides the system's
    #[arg(long, help_heading = ACCESS, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

impl TransportFlags {
    /// Writes them into a crawl's settings.
    pub fn apply(&self, settings: &mut CrawlSettings) -> Result<(), Failure> {
        settings.proxy.clone_from(&self.proxy);
        settings.proxy_auth.clone_from(&self.proxy_auth);
        settings.ca_file = self.ca_file.as_deref().map(absolute).transpose()?;
        Ok(())
    }
}

/// A resume from another folder must find the same file.
pub fn absolute(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path)?;
    absolute.into_os_string().into_string().map_err(|path| {
        let message = format!("the path {} is no text", Path::new(&path).display());
        Failure::new(message, Exit::Usage)
    })
}
