//! Which engine an address means, and which of its parts are this program's own.
//!
//! A Postgres address comes in every form that its client crate parses; only that crate parses it, and
//! this file takes out what that crate does not know: `sslmode=verify-ca|verify-full` and `sslrootcert`.
//! Nothing here may print the text of an address, because it may hold a password.

use std::fmt;
use std::path::PathBuf;

use super::error::{Error, Result};

/// How far a server's certificate is checked, as in libpq.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateCheck {
    /// Encrypted where the server offers it, certificate not looked at.
    None,
    /// Issued by a trusted authority.
    Authority,
    /// And for this host's name.
    AuthorityAndName,
}

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseAddress {
    File(PathBuf),
    Server(ServerAddress),
}

/// A Postgres address, with what this program handles itself taken out.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// For the client crate alone: it may hold a password.
    pub(super) text: String,
    pub(super) certificate_check: CertificateCheck,
    pub(super) root_certificates: Option<PathBuf>,
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerAddress(..)")
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Self::Server(server) => server.fmt(formatter),
        }
    }
}

/// The keys that begin an address in key-value form; a path that begins so needs `sqlite:` before it.
const FIRST_KEYS: [&str; 8] = [
    "host", "hostaddr", "port", "user", "password", "dbname", "options", "sslmode",
];

impl DatabaseAddress {
    /// Reads `sqlite:PATH`, a path, a `postgres://` URL or a key-value list.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::Address("it is empty".to_owned()));
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(Error::Address("sqlite: names no file".to_owned()));
            }
            return Ok(Self::File(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return url_form(text).map(Self::Server);
        }
        let first_key = text.split('=').next().unwrap_or_default().trim_end();
        if text.contains('=') && FIRST_KEYS.contains(&first_key) {
            return key_value_form(text).map(Self::Server);
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(Error::Address(format!(
                "{scheme}:// is no database this program knows; it knows a path, sqlite:PATH and postgres://"
            )));
        }
        Ok(Self::File(PathBuf::from(text)))
    }

    /// Says whether the text of an address may hold a password; in doubt it does.
    pub fn may_hold_password(&self) -> bool {
        let Self::Server(server) = self else {
            return false;
        };
        // A key may be spelled with escapes, and a server reads it all the same.
        let text = percent_decoded(&server.text).to_ascii_lowercase();
        let userinfo = text
            .split_once("://")
            .and_then(|(_, rest)| rest.rsplit_once('@'));
        text.contains("pass") || userinfo.is_some_and(|(before, _)| before.contains(':'))
    }
}

fn url_form(text: &str) -> Result<ServerAddress> {
    let (base, query) = text.split_once('?').unwrap_or((text, ""));
    let mut ours = Ours::default();
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            !pair.is_empty() && !ours.take(key, &percent_decoded(value))
        })
        .collect();
    let query = if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", kept.join("&"))
    };
    ours.into_address(format!("{base}{query}"))
}

fn key_value_form(text: &str) -> Result<ServerAddress> {
    let mut ours = Ours::default();
    let mut kept = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let Some(equals) = rest.find('=') else {
            return Err(Error::Address("a key without a value".to_owned()));
        };
        let key = rest[..equals].trim();
        let after = rest[equals + 1..].trim_start();
        let (value, length) = key_value_value(after)?;
        if !ours.take(key, &value) {
            kept.push(format!("{key}={}", &after[..length]));
        }
        rest = after[length..].trim_start();
    }
    ours.into_address(kept.join(" "))
}

/// Reads a value that is bare or in single quotes, with backslash escapes, and how many bytes it took.
fn key_value_value(text: &str) -> Result<(String, usize)> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(usize::from(quoted)) {
        if escaped {
            value.push(letter);
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if quoted && letter == '\'' {
            return Ok((value, at + 1));
        } else if !quoted && letter.is_whitespace() {
            return Ok((value, at));
        } else {
            value.push(letter);
        }
    }
    if quoted {
        Err(Error::Address("a quote is not closed".to_owned()))
    } else {
        Ok((value, text.len()))
    }
}

fn percent_decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("v={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

#[derive(Default)]
struct Ours {
    mode: Option<String>,
    is_required: bool,
    root_certificates: Option<PathBuf>,
}

impl Ours {
    /// Takes a parameter that the client crate does not know; returns whether it did.
    fn take(&mut self, key: &str, value: &str) -> bool {
        match key {
            "sslmode" if value.starts_with("verify-") => self.mode = Some(value.to_owned()),
            "sslmode" => {
                self.is_required = value == "require";
                return false;
            }
            "sslrootcert" => self.root_certificates = Some(PathBuf::from(value)),
            _ => return false,
        }
        true
    }

    fn into_address(self, mut text: String) -> Result<ServerAddress> {
        let certificate_check = match self.mode.as_deref() {
            // As libpq does: who names an authority wants it asked (its manual, "sslmode", require).
            None if self.is_required && self.root_certificates.is_some() => {
                return Ok(ServerAddress {
                    text,
                    certificate_check: CertificateCheck::Authority,
                    root_certificates: self.root_certificates,
                });
            }
            None => CertificateCheck::None,
            Some("verify-ca") => CertificateCheck::Authority,
            Some("verify-full") => CertificateCheck::AuthorityAndName,
            Some(_) => {
                return Err(Error::Address(
                    "sslmode is one of disable, prefer, require, verify-ca, verify-full".to_owned(),
                ));
            }
        };
        if certificate_check != CertificateCheck::None {
            let mode = "sslmode=require";
            let separator = match (text.contains("://"), text.contains('?')) {
                (true, true) => "&",
                (true, false) => "?",
                (false, _) => " ",
            };
            text = format!("{text}{separator}{mode}");
        }
        Ok(ServerAddress {
            text,
            certificate_check,
            root_certificates: self.root_certificates,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> ServerAddress {
        match DatabaseAddress::parse(text).unwrap() {
            DatabaseAddress::Server(server) => server,
            other @ DatabaseAddress::File(_) => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_address_that_may_hold_a_password_is_known() {
        for (text, may) in [
            ("a:b@c.db", false),
            ("postgres://u@h/d", false),
            ("postgres://u@[::1]:5432/d?host=/run:x", false),
            ("postgres://u:p@h/d", true),
            ("postgres://u:p/@/w@h/d", true),
            ("postgres://u@h/d?PassWord=p", true),
            ("postgres://u@h/d?p%61ssword=p", true),
            ("host=h password = 'p'", true),
            ("host=h passfile=/secret user=u", true),
            ("host=h user=u", false),
        ] {
            let address = DatabaseAddress::parse(text).unwrap();
            assert_eq!(address.may_hold_password(), may, "{text}");
        }
    }

    #[test]
    fn each_form_names_its_engine() {
        for (text, path) in [
            ("toolkit.db", "toolkit.db"),
            ("sqlite:a b.db", "a b.db"),
            ("sqlite:///tmp/x.db", "/tmp/x.db"),
            ("odd=name.db", "odd=name.db"),
        ] {
            let expected = DatabaseAddress::File(PathBuf::from(path));
            assert_eq!(DatabaseAddress::parse(text).unwrap(), expected, "{text}");
        }
        for text in [
            "postgres://u@/d?host=/run/postgresql",
            "postgresql://",
            "host=/run dbname=x",
        ] {
            assert_eq!(server(text).text, text);
        }
        for text in ["", "sqlite:", "mysql://x/y", "host='open"] {
            assert!(DatabaseAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn certificate_checks_are_taken_out() {
        let full = server("postgres://u:p@h/d?sslmode=verify-full&sslrootcert=%2Fa%20b.pem");
        assert_eq!(full.text, "postgres://u:p@h/d?sslmode=require");
        assert_eq!(full.certificate_check, CertificateCheck::AuthorityAndName);
        assert_eq!(full.root_certificates, Some(PathBuf::from("/a b.pem")));
        let authority = server("host=h sslrootcert='/a b.pem' sslmode=verify-ca user='o\\'x'");
        assert_eq!(authority.text, "host=h user='o\\'x' sslmode=require");
        assert_eq!(authority.certificate_check, CertificateCheck::Authority);
        assert_eq!(
            server("postgres://h/d?sslmode=disable").text,
            "postgres://h/d?sslmode=disable"
        );
        let named = server("host=h sslmode=require sslrootcert=/a.pem");
        assert_eq!(named.text, "host=h sslmode=require");
        assert_eq!(named.certificate_check, CertificateCheck::Authority);
        assert!(DatabaseAddress::parse("postgres://h/d?sslmode=verify-nothing").is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let address = DatabaseAddress::parse("postgres://u:hunter2@h/d").unwrap();
        assert!(!format!("{address:?}").contains("hunter2"));
    }
}
