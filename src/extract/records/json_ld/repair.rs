//! Makes strict JSON of what pages put into JSON-LD blocks.
//!
//! Mends only spelling that has one reading: wrappers, comments, trailing commas, raw control characters
//! and escapes that JSON does not know. Anything else is left for the parser to refuse.

/// Returns `text` in strict spelling.
pub(super) fn repaired(text: &str) -> String {
    let mut repair = Repair {
        rest: text.trim_start_matches('\u{feff}'),
        out: String::with_capacity(text.len()),
    };
    while let Some(first) = repair.rest.chars().next() {
        match first {
            '"' => repair.string(),
            '/' if repair.rest.starts_with("//") => repair.line_comment(),
            '/' if repair.rest.starts_with("/*") => repair.skip_past("*/"),
            '<' if repair.rest.starts_with("<!--") => repair.html_comment(),
            '<' if repair.rest.starts_with("<![CDATA[") => repair.skip("<![CDATA["),
            '-' if repair.rest.starts_with("-->") => repair.skip("-->"),
            ']' if repair.rest.starts_with("]]>") => repair.skip("]]>"),
            '}' | ']' => {
                repair.drop_trailing_comma();
                repair.copy(first);
            }
            // Between roots; inside one it is an error that the parser finds by the missing comma.
            ';' => repair.replace(first, " "),
            _ if first.is_whitespace() || first.is_control() => repair.replace(first, " "),
            _ => repair.copy(first),
        }
    }
    repair.drop_trailing_comma();
    repair.out
}

struct Repair<'a> {
    rest: &'a str,
    out: String,
}

impl Repair<'_> {
    fn copy(&mut self, character: char) {
        self.out.push(character);
        self.rest = &self.rest[character.len_utf8()..];
    }

    fn replace(&mut self, character: char, with: &str) {
        self.out.push_str(with);
        self.rest = &self.rest[character.len_utf8()..];
    }

    fn skip(&mut self, token: &str) {
        self.rest = &self.rest[token.len()..];
    }

    fn skip_past(&mut self, token: &str) {
        self.rest = match self.rest.find(token) {
            Some(at) => &self.rest[at + token.len()..],
            None => "",
        };
    }

    /// A line comment often hides only a CDATA mark from scripts, with the data on the same line.
    fn line_comment(&mut self) {
        let after = self.rest[2..].trim_start_matches([' ', '\t']);
        for mark in ["<![CDATA[", "]]>", "<!--", "-->"] {
            if let Some(data) = after.strip_prefix(mark) {
                self.rest = data;
                return;
            }
        }
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
    }

    /// Either the data stands in the comment, or the comment is a remark before it.
    fn html_comment(&mut self) {
        let inside = self.rest[4..].trim_start();
        if inside.starts_with(['{', '[', '/', '<']) {
            self.rest = inside;
        } else {
            self.skip_past("-->");
        }
    }

    fn drop_trailing_comma(&mut self) {
        let kept = self.out.trim_end();
        if let Some(shorter) = kept.strip_suffix(',') {
            self.out.truncate(shorter.len());
        }
    }

    fn string(&mut self) {
        self.copy('"');
        while let Some(character) = self.rest.chars().next() {
            match character {
                '"' => return self.copy('"'),
                '\\' => self.escape(),
                _ if u32::from(character) < 0x20 => {
                    let escaped = format!("\\u{:04x}", u32::from(character));
                    self.replace(character, &escaped);
                }
                _ => self.copy(character),
            }
        }
    }

    fn escape(&mut self) {
        let mut characters = self.rest[1..].chars();
        let Some(kind) = characters.next() else {
            self.rest = "";
            return;
        };
        match kind {
            '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {
                self.copy('\\');
                self.copy(kind);
            }
            'u' => self.code_unit(),
            // `\'` and the like come from templates that escape for another language.
            _ if kind.is_ascii_punctuation() => {
                self.rest = &self.rest[1..];
                self.copy(kind);
            }
            _ => self.replace('\\', "\\\\"),
        }
    }

    /// Copies `\uXXXX`; a surrogate without its other half becomes U+FFFD, as it does on decoding.
    fn code_unit(&mut self) {
        let unit = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            u32::from_str_radix(digits, 16).ok()
        };
        let Some(first) = unit(self.rest) else {
            self.replace('\\', "\\\\");
            return;
        };
        let second = unit(&self.rest[6..]);
        let length = match (first, second) {
            (0xd800..=0xdbff, Some(0xdc00..=0xdfff)) => 12,
            (0xd800..=0xdfff, _) => {
                self.out.push('\u{fffd}');
                self.rest = &self.rest[6..];
                return;
            }
            _ => 6,
        };
        let (unit, rest) = self.rest.split_at(length);
        self.out.push_str(unit);
        self.rest = rest;
    }
}
