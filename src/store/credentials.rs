//! Passwords that are kept outside a database's address.

/// The environment's password, and the text of a password file.
#[derive(Clone, Default)]
pub struct Credentials {
    pub password: Option<String>,
    pub password_file: Option<String>,
}

impl Credentials {
    /// Returns the environment's password, else that of the first line of the password file that matches
    /// host, port, database and user (`host:port:database:user:password`, `*` matches all; PostgreSQL
    /// manual, "The Password File").
    pub(super) fn password_for(&self, wanted: [&str; 4]) -> Option<String> {
        if let Some(password) = &self.password {
            return Some(password.clone());
        }
        self.password_file.as_deref()?.lines().find_map(|line| {
            let fields = fields(line);
            let matches = fields
                .iter()
                .zip(wanted)
                .all(|(field, wanted)| field == "*" || field == wanted);
            fields.get(4).filter(|_| matches).cloned()
        })
    }
}

/// Splits a line at its colons; a backslash keeps the letter after it.
fn fields(line: &str) -> Vec<String> {
    let mut fields = Vec::new();
    if line.starts_with('#') {
        return fields;
    }
    let mut field = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => field.extend(letters.next()),
            ':' => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_matches_counts() {
        let file =
            "# host:5432:d:u:comment\nother:5432:d:u:no\nhost:*:d:u:yes\\:it\\\\is\n*:*:*:*:late\n";
        let credentials = Credentials {
            password: None,
            password_file: Some(file.to_owned()),
        };
        let found = |wanted| credentials.password_for(wanted);
        assert_eq!(
            found(["host", "5432", "d", "u"]).as_deref(),
            Some("yes:it\\is")
        );
        assert_eq!(found(["elsewhere", "1", "d", "u"]).as_deref(), Some("late"));
        let environment = Credentials {
            password: Some("first".to_owned()),
            ..credentials
        };
        assert_eq!(
            environment
                .password_for(["host", "5432", "d", "u"])
                .as_deref(),
            Some("first")
        );
        assert_eq!(
            Credentials::default().password_for(["h", "1", "d", "u"]),
            None
        );
    }
}
