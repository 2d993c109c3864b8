//! The inside of a paragraph: words, emphasis, code, links, images and breaks, as CommonMark.
//!
//! What stands in the page's text stands for itself: it is escaped wherever CommonMark would read it as a
//! mark. A mark of our own that CommonMark would not read as one is left out.

use std::fmt::Write as _;

use super::escape::escape;

/// What a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Emphasis,
    Strong,
    Struck,
    Code,
    Link,
}

impl Format {
    fn mark(self) -> &'static str {
        match self {
            Self::Emphasis => "*",
            Self::Strong => "**",
            Self::Struck => "~~",
            Self::Code | Self::Link => "",
        }
    }
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// As on the page.
    Text(String),
    Open(Format),
    /// With the target where it is a link.
    Close(Format, String),
    Image {
        alternative: String,
        address: String,
    },
    Break,
}

impl Token {
    fn is_content(&self) -> bool {
        match self {
            Self::Text(text) => !text.trim().is_empty(),
            Self::Image { .. } => true,
            _ => false,
        }
    }
}

/// How often marks are looked at again after others were taken away; a paragraph that needs more has none.
const MOST_ROUNDS: usize = 4;

/// Where the inside of a paragraph is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It may have lines.
    Paragraph,
    /// It is one line.
    Line,
    /// It is one line between bars.
    Cell,
}

/// The inside of a paragraph that is being read.
#[derive(Debug, Default)]
pub(super) struct Inline {
    tokens: Vec<Token>,
    /// White space was read that counts if something follows.
    space: bool,
}

impl Inline {
    /// Says whether nothing would be shown.
    pub fn is_empty(&self) -> bool {
        !self.tokens.iter().any(Token::is_content)
    }

    /// Adds text whose white space means nothing beyond "some".
    pub fn text(&mut self, text: &str) {
        self.space |= text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            self.before_content();
            match self.tokens.last_mut() {
                Some(Token::Text(last)) => last.push_str(word),
                _ => self.tokens.push(Token::Text(word.to_owned())),
            }
            self.space = true;
        }
        self.space &= text.is_empty() || text.ends_with(char::is_whitespace);
    }

    /// Notes that what comes next is apart from what came.
    pub fn space(&mut self) {
        self.space = true;
    }

    pub fn line_break(&mut self) {
        self.space = false;
        self.tokens.push(Token::Break);
    }

    pub fn image(&mut self, alternative: &str, address: String) {
        self.before_content();
        let alternative = alternative.split_whitespace().collect::<Vec<_>>().join(" ");
        self.tokens.push(Token::Image {
            alternative,
            address,
        });
    }

    pub fn open(&mut self, format: Format) {
        self.tokens.push(Token::Open(format));
    }

    pub fn close(&mut self, format: Format, address: &str) {
        self.tokens.push(Token::Close(format, address.to_owned()));
    }

    /// Puts the space that was read before marks that open, and so outside of them.
    fn before_content(&mut self) {
        if !std::mem::take(&mut self.space) {
            return;
        }
        let opens = self.tokens.iter().rev();
        let opens = opens.take_while(|token| matches!(token, Token::Open(_)));
        let place = self.tokens.len() - opens.count();
        match self.tokens[..place].last_mut() {
            None | Some(Token::Break) => {}
            Some(Token::Text(last)) => last.push(' '),
            Some(_) => self.tokens.insert(place, Token::Text(" ".to_owned())),
        }
    }

    /// Writes what was read, and begins anew.
    pub fn take(&mut self, place: Place) -> String {
        self.space = false;
        let tokens = std::mem::take(&mut self.tokens);
        if !tokens.iter().any(Token::is_content) {
            return String::new();
        }
        let mut tokens = settled(joined(without_empty(tokens)));
        breaks_behind_marks(&mut tokens);
        // A break at the end breaks nothing.
        let end = tokens.iter().rposition(Token::is_content);
        let mut index = 0;
        tokens.retain(|token| {
            index += 1;
            *token != Token::Break || Some(index - 1) < end
        });
        let mut written = String::new();
        let mut code: Option<String> = None;
        for token in tokens {
            match token {
                Token::Text(text) => match &mut code {
                    Some(code) => code.push_str(&text),
                    // A line begins with no space, so that what it begins with is seen as such.
                    None if written.is_empty() || written.ends_with('\n') => {
                        escape(text.trim_start(), &mut written);
                    }
                    None => escape(&text, &mut written),
                },
                Token::Open(Format::Code) => code = Some(String::new()),
                Token::Close(Format::Code, _) => {
                    code_span(&code.take().unwrap_or_default(), place, &mut written);
                }
                Token::Break if place == Place::Paragraph && code.is_none() => {
                    let is_inside = !written.is_empty() && !written.ends_with('\n');
                    if is_inside {
                        written.push_str("\\\n");
                    }
                }
                Token::Break => match &mut code {
                    Some(code) => code.push(' '),
                    None if written.is_empty() => {}
                    None => written.push(' '),
                },
                // Nothing else is read inside code.
                _ if code.is_some() => {}
                Token::Open(Format::Link) => {
                    // Behind an exclamation mark a link would be an image.
                    if written.ends_with('!') {
                        written.insert(written.len() - 1, '\\');
                    }
                    written.push('[');
                }
                Token::Close(Format::Link, address) => {
                    let _ = write!(written, "]({})", destination(&address));
                }
                Token::Image {
                    alternative,
                    address,
                } => {
                    let mut shown = String::new();
                    escape(&alternative, &mut shown);
                    let _ = write!(written, "![{shown}]({})", destination(&address));
                }
                Token::Open(format) | Token::Close(format, _) => written.push_str(format.mark()),
            }
        }
        if let Some(code) = code {
            code_span(&code, place, &mut written);
        }
        let length = written.trim_end().len();
        written.truncate(length);
        written
    }
}

/// Takes away marks with nothing between them, and those that end where the same begins.
fn without_empty(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    // Where each open mark stands in `kept`, and whether something to show came since.
    let mut open: Vec<(usize, bool)> = Vec::new();
    for token in tokens {
        match token {
            Token::Open(format) => {
                if matches!(kept.last(), Some(Token::Close(last, _)) if *last == format && format != Format::Link)
                    && let Some(start) = opening(&kept, format)
                {
                    kept.pop();
                    open.push((start, true));
                    continue;
                }
                open.push((kept.len(), false));
                kept.push(Token::Open(format));
            }
            Token::Close(format, address) => match open.pop() {
                Some((_, true)) => kept.push(Token::Close(format, address)),
                Some((start, false)) => {
                    kept.remove(start);
                }
                None => {}
            },
            token => {
                if token.is_content() {
                    for (_, is_filled) in &mut open {
                        *is_filled = true;
                    }
                }
                kept.push(token);
            }
        }
    }
    kept
}

/// Returns where the mark begins that the last token closes.
fn opening(tokens: &[Token], format: Format) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().rev() {
        match token {
            Token::Close(found, _) if *found == format => depth += 1,
            Token::Open(found) if *found == format => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// Puts breaks that stand last in a mark behind it.
fn breaks_behind_marks(tokens: &mut [Token]) {
    for index in 1..tokens.len() {
        if tokens[index - 1] == Token::Break && matches!(tokens[index], Token::Close(..)) {
            tokens.swap(index - 1, index);
        }
    }
}

/// Makes neighbouring texts one, and neighbouring breaks.
fn joined(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match (kept.last_mut(), token) {
            (Some(Token::Text(last)), Token::Text(text)) => last.push_str(&text),
            (Some(Token::Break), Token::Break) => {}
            (_, token) => kept.push(token),
        }
    }
    kept
}

/// Takes away marks until what is left is read as it is meant: a mark that goes changes what others lean on.
fn settled(mut tokens: Vec<Token>) -> Vec<Token> {
    for _ in 0..MOST_ROUNDS {
        let count = tokens.len();
        tokens = readable(tokens);
        if tokens.len() == count {
            return tokens;
        }
    }
    let is_mark = |format: &Format| !format.mark().is_empty();
    tokens.retain(|token| match token {
        Token::Open(format) | Token::Close(format, _) => !is_mark(format),
        _ => true,
    });
    joined(tokens)
}

/// Takes away marks of emphasis that would not be read as such (CommonMark, 6.2): a mark opens only before
/// and closes only behind something that it leans on.
fn readable(tokens: Vec<Token>) -> Vec<Token> {
    let mut dropped = vec![false; tokens.len()];
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Open(format) => open.push((index, *format)),
            Token::Close(..) => {
                let Some((start, format)) = open.pop() else {
                    continue;
                };
                let Some(mark) = format.mark().chars().next() else {
                    continue;
                };
                let mut before = tokens[..start].iter().rev();
                let before = before.find(|token| !matches!(token, Token::Open(_)));
                let follows_a_mark =
                    matches!(before, Some(Token::Close(last, _)) if !last.mark().is_empty());
                let opens = leans(
                    character_before(&tokens, start, mark),
                    character_after(&tokens, start, mark),
                );
                let closes = leans(
                    character_after(&tokens, index, mark),
                    character_before(&tokens, index, mark),
                );
                if follows_a_mark || !opens || !closes {
                    dropped[start] = true;
                    dropped[index] = true;
                }
            }
            _ => {}
        }
    }
    let kept = tokens.into_iter().zip(dropped);
    joined(
        kept.filter(|(_, dropped)| !dropped)
            .map(|(token, _)| token)
            .collect(),
    )
}

/// Says whether a mark between the two leans on `inner`; a space stands for the end of a line.
fn leans(outer: char, inner: char) -> bool {
    let is_mark = |character: char| !character.is_alphanumeric();
    !inner.is_whitespace() && (!is_mark(inner) || outer.is_whitespace() || is_mark(outer))
}

/// Returns what stands before a mark; others of the same character are read together with it.
fn character_before(tokens: &[Token], index: usize, mark: char) -> char {
    for token in tokens[..index].iter().rev() {
        match token {
            Token::Text(text) => return text.chars().next_back().unwrap_or(' '),
            Token::Open(Format::Code) | Token::Close(Format::Code, _) => return '`',
            Token::Open(Format::Link) => return '[',
            Token::Close(Format::Link, _) | Token::Image { .. } => return ')',
            Token::Break => return ' ',
            Token::Open(format) | Token::Close(format, _) => {
                if let Some(other) = format.mark().chars().next().filter(|other| *other != mark) {
                    return other;
                }
            }
        }
    }
    ' '
}

/// Returns what stands behind a mark, in the same way.
fn character_after(tokens: &[Token], index: usize, mark: char) -> char {
    for token in &tokens[index + 1..] {
        match token {
            Token::Text(text) => return text.chars().next().unwrap_or(' '),
            Token::Open(Format::Code) | Token::Close(Format::Code, _) => return '`',
            Token::Open(Format::Link) => return '[',
            Token::Close(Format::Link, _) => return ']',
            Token::Image { .. } => return '!',
            Token::Break => return ' ',
            Token::Open(format) | Token::Close(format, _) => {
                if let Some(other) = format.mark().chars().next().filter(|other| *other != mark) {
                    return other;
                }
            }
        }
    }
    ' '
}

/// Writes code between more backticks than it holds in a row.
fn code_span(code: &str, place: Place, written: &mut String) {
    let code = code.trim();
    if code.is_empty() {
        return;
    }
    let fence = "`".repeat(longest_run(code, '`') + 1);
    let space = if code.starts_with('`') || code.ends_with('`') {
        " "
    } else {
        ""
    };
    // Two spans side by side would be read as one fence.
    if written.ends_with('`') {
        written.push(' ');
    }
    // A bar ends a cell even here.
    let code = match place {
        Place::Cell => code.replace('|', "\\|"),
        _ => code.to_owned(),
    };
    let _ = write!(written, "{fence}{space}{code}{space}{fence}");
}

/// Returns the length of the longest run of `wanted`.
pub(super) fn longest_run(text: &str, wanted: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for character in text.chars() {
        run = if character == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Returns a link's target so that no character of it ends the link.
fn destination(address: &str) -> String {
    let mut shown = String::with_capacity(address.len());
    for character in address.chars() {
        match character {
            '(' | ')' | '<' | '>' | '\\' | '|' | '*' | '`' => {
                let _ = write!(shown, "%{:02X}", u32::from(character));
            }
            _ if character.is_whitespace() || character.is_control() => {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(shown, "%{byte:02X}");
                }
            }
            _ => shown.push(character),
        }
    }
    shown
}
