//! The text of a selector, read; each fault with its place and what to write instead.

use super::{
    AttributeTest, Combinator, Complex, Compound, Condition, Operator, Position, Selector,
    SelectorError,
};
use crate::extract::profile::keys::nearest;
use crate::extract::tree::Tag;

/// Bytes of one selector.
const MOST_BYTES: usize = 4_096;

/// Names, classes, attributes and pseudo-classes of one selector.
const MOST_PARTS: usize = 256;

/// Selectors in brackets inside each other.
const MOST_DEPTH: usize = 4;

const PSEUDO_CLASSES: &[&str] = &[
    "first-child",
    "last-child",
    "only-child",
    "first-of-type",
    "last-of-type",
    "only-of-type",
    "nth-child",
    "nth-last-child",
    "nth-of-type",
    "nth-last-of-type",
    "empty",
    "root",
    "not",
    "is",
    "where",
    "has",
];

pub(super) fn parse(text: &str) -> Result<Selector, SelectorError> {
    let mut parser = Parser {
        text,
        at: 0,
        parts: 0,
        depth: 0,
    };
    if text.len() > MOST_BYTES {
        let message = format!("the selector has more than {MOST_BYTES} bytes");
        return Err(parser.fault(0, &message, "write several fields, or a shorter one"));
    }
    let alternatives = parser.list()?;
    if parser.at < text.len() {
        let message = format!("{:?} is not expected here", parser.peek().unwrap_or(' '));
        return Err(parser.fault(parser.at, &message, "take it away"));
    }
    Ok(Selector {
        alternatives,
        written: text.to_owned(),
        parts: parser.parts,
    })
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    parts: usize,
    depth: usize,
}

type Parsed<T> = Result<T, SelectorError>;

impl Parser<'_> {
    fn fault(&self, at: usize, message: &str, fix: &str) -> SelectorError {
        SelectorError {
            at: at.min(self.text.len()),
            message: message.to_owned(),
            fix: fix.to_owned(),
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.at += wanted.len_utf8();
        }
        is_there
    }

    fn space(&mut self) -> bool {
        let from = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
            self.at += 1;
        }
        self.at > from
    }

    fn list(&mut self) -> Parsed<Vec<Complex>> {
        let mut list = vec![self.complex()?];
        while self.take(',') {
            list.push(self.complex()?);
        }
        Ok(list)
    }

    fn complex(&mut self) -> Parsed<Complex> {
        self.space();
        let mut steps = vec![(Combinator::Descendant, self.compound()?)];
        loop {
            let apart = self.space();
            let combinator = match self.peek() {
                None | Some(',' | ')') => break,
                Some(_) => match self.combinator() {
                    Some(combinator) => combinator,
                    None if apart => Combinator::Descendant,
                    None => break,
                },
            };
            self.space();
            steps.push((combinator, self.compound()?));
        }
        Ok(Complex(steps))
    }

    fn combinator(&mut self) -> Option<Combinator> {
        let combinator = match self.peek()? {
            '>' => Combinator::Child,
            '+' => Combinator::Next,
            '~' => Combinator::Later,
            _ => return None,
        };
        self.at += 1;
        Some(combinator)
    }

    fn compound(&mut self) -> Parsed<Compound> {
        let from = self.at;
        let mut compound = Compound::default();
        if !self.take('*') && self.begins_name() {
            let name = self.name()?;
            let tag = Tag::of(&name);
            if tag == Tag::Other {
                let message = format!("elements named `{name}` are not told apart by their name");
                return Err(self.fault(
                    from,
                    &message,
                    "select it by a class, an id or an attribute",
                ));
            }
            compound.tag = Some(tag);
            self.count(from)?;
        }
        loop {
            let at = self.at;
            let condition = match self.peek() {
                Some('#') => {
                    self.at += 1;
                    Condition::Id(self.name()?)
                }
                Some('.') => {
                    self.at += 1;
                    Condition::Class(self.name()?)
                }
                Some('[') => {
                    self.at += 1;
                    Condition::Attribute(self.attribute()?)
                }
                Some(':') => {
                    self.at += 1;
                    for condition in self.pseudo_class()? {
                        compound.conditions.push(condition);
                    }
                    self.count(at)?;
                    continue;
                }
                _ => break,
            };
            compound.conditions.push(condition);
            self.count(at)?;
        }
        if self.at == from {
            let found = match self.peek() {
                Some(c) => format!("{c:?} stands where"),
                None => "the selector ends where".to_owned(),
            };
            let message = format!("{found} an element is to be named");
            return Err(self.fault(
                from,
                &message,
                "write a name, .class, #id, [attribute] or *",
            ));
        }
        Ok(compound)
    }

    fn count(&mut self, at: usize) -> Parsed<()> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            let message = format!("the selector has more than {MOST_PARTS} parts");
            return Err(self.fault(at, &message, "write a shorter one"));
        }
        Ok(())
    }

    fn begins_name(&self) -> bool {
        self.peek()
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '\\') || !c.is_ascii())
    }

    /// Reads a name, with its escapes (CSS Syntax 3, 4.3.7).
    fn name(&mut self) -> Parsed<String> {
        let from = self.at;
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.at += 1;
                name.push(self.escape(from)?);
            } else if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') || !c.is_ascii() {
                self.at += c.len_utf8();
                name.push(c);
            } else {
                break;
            }
        }
        if name.is_empty() {
            return Err(self.fault(from, "a name is missing", "write it"));
        }
        Ok(name)
    }

    fn escape(&mut self, from: usize) -> Parsed<char> {
        let rest = &self.text[self.at..];
        let digits = rest
            .bytes()
            .take(6)
            .take_while(u8::is_ascii_hexdigit)
            .count();
        if digits > 0 {
            let code = u32::from_str_radix(&rest[..digits], 16).unwrap_or_default();
            self.at += digits;
            if self.peek().is_some_and(|c| c.is_ascii_whitespace()) {
                self.at += 1;
            }
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let Some(c) = rest.chars().next() else {
            return Err(self.fault(
                from,
                "an escape has no end",
                "write a character behind the \\",
            ));
        };
        self.at += c.len_utf8();
        Ok(c)
    }

    fn attribute(&mut self) -> Parsed<AttributeTest> {
        let from = self.at - 1;
        self.space();
        let name = self.name()?.to_ascii_lowercase();
        self.space();
        let at = self.at;
        let operators = [
            ("=", Operator::Equals),
            ("~=", Operator::Word),
            ("|=", Operator::Dash),
            ("^=", Operator::Prefix),
            ("$=", Operator::Suffix),
            ("*=", Operator::Substring),
        ];
        let operator = operators
            .iter()
            .find(|(sign, _)| self.text[at..].starts_with(sign));
        let mut test = AttributeTest {
            name,
            operator: Operator::Exists,
            value: String::new(),
            ignores_case: false,
        };
        if let Some((sign, operator)) = operator {
            self.at += sign.len();
            test.operator = *operator;
            self.space();
            test.value = match self.peek() {
                Some(quote @ ('"' | '\'')) => self.string(quote)?,
                _ => self.name()?,
            };
            self.space();
            if let Some(flag @ ('i' | 'I' | 's' | 'S')) = self.peek() {
                self.at += 1;
                test.ignores_case = flag.eq_ignore_ascii_case(&'i');
                self.space();
            }
        }
        if !self.take(']') {
            let fix = "write [name], [name=\"value\"] or another of ~= |= ^= $= *=";
            return Err(self.fault(from, "the attribute has no end", fix));
        }
        Ok(test)
    }

    fn string(&mut self, quote: char) -> Parsed<String> {
        let from = self.at;
        self.at += 1;
        let mut value = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                _ if c == quote => return Ok(value),
                '\\' if self.peek() == Some('\n') => self.at += 1,
                '\\' => value.push(self.escape(from)?),
                _ => value.push(c),
            }
        }
        Err(self.fault(from, "the string has no end", "close its quotation mark"))
    }

    fn pseudo_class(&mut self) -> Parsed<Vec<Condition>> {
        let from = self.at - 1;
        if self.take(':') {
            let fix = "leave it out; `attribute` takes the value of an attribute";
            return Err(self.fault(from, "a page has no pseudo-elements", fix));
        }
        let name = self.name()?.to_ascii_lowercase();
        let nth = |step, offset, of_type, from_end| {
            Condition::Position(Position {
                step,
                offset,
                of_type,
                from_end,
            })
        };
        let first = |of_type| nth(0, 1, of_type, false);
        let last = |of_type| nth(0, 1, of_type, true);
        let conditions = match name.as_str() {
            "first-child" => vec![first(false)],
            "last-child" => vec![last(false)],
            "only-child" => vec![first(false), last(false)],
            "first-of-type" => vec![first(true)],
            "last-of-type" => vec![last(true)],
            "only-of-type" => vec![first(true), last(true)],
            "empty" => vec![Condition::Empty],
            "root" => vec![Condition::Root],
            "nth-child" | "nth-last-child" | "nth-of-type" | "nth-last-of-type" => {
                let (step, offset) = self.in_brackets(from, Self::formula)?;
                vec![nth(
                    step,
                    offset,
                    name.ends_with("type"),
                    name.contains("last"),
                )]
            }
            "not" => vec![Condition::Not(self.in_brackets(from, Self::list)?)],
            "is" | "where" => vec![Condition::Is(self.in_brackets(from, Self::list)?)],
            "has" => vec![Condition::Has(self.in_brackets(from, Self::relatives)?)],
            _ => {
                let fix = match nearest(&name, PSEUDO_CLASSES.iter().copied()) {
                    Some(near) => format!("write :{near}"),
                    None => format!("write one of :{}", PSEUDO_CLASSES.join(", :")),
                };
                let message = format!("`:{name}` is no pseudo-class that is known here");
                return Err(self.fault(from, &message, &fix));
            }
        };
        Ok(conditions)
    }

    fn in_brackets<T>(
        &mut self,
        from: usize,
        read: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        if !self.take('(') {
            return Err(self.fault(
                self.at,
                "an opening bracket is missing",
                "write (…) behind it",
            ));
        }
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            let message = format!("more than {MOST_DEPTH} brackets inside each other");
            return Err(self.fault(from, &message, "write it without"));
        }
        self.space();
        let inner = read(self)?;
        self.space();
        self.depth -= 1;
        if !self.take(')') {
            return Err(self.fault(self.at, "a closing bracket is missing", "write it here"));
        }
        Ok(inner)
    }

    /// Reads what stands in `:has()`: each alternative one compound.
    fn relatives(&mut self) -> Parsed<Vec<(Combinator, Compound)>> {
        let mut relatives = Vec::new();
        loop {
            self.space();
            let combinator = self.combinator().unwrap_or(Combinator::Descendant);
            self.space();
            relatives.push((combinator, self.compound()?));
            self.space();
            match self.peek() {
                Some(',') => self.at += 1,
                Some(')') | None => return Ok(relatives),
                Some(_) => {
                    let message = "only one element can be named in :has()";
                    let fix = "name it alone, or put another :has() into it";
                    return Err(self.fault(self.at, message, fix));
                }
            }
        }
    }

    /// Reads `odd`, `even`, `3`, `2n+1`, `-n + 3` (CSS Syntax 3, 6).
    fn formula(&mut self) -> Parsed<(i32, i32)> {
        let from = self.at;
        let end = self.text[from..]
            .find(')')
            .map_or(self.text.len(), |length| from + length);
        let written: String = self.text[from..end]
            .chars()
            .filter(|c| !c.is_ascii_whitespace())
            .collect::<String>()
            .to_ascii_lowercase();
        self.at = end;
        let number = |text: &str| text.parse::<i32>().ok();
        let read = match written.as_str() {
            "odd" => Some((2, 1)),
            "even" => Some((2, 0)),
            _ => match written.split_once('n') {
                None => number(&written).map(|offset| (0, offset)),
                Some((step, offset)) => {
                    let step = match step {
                        "" | "+" => Some(1),
                        "-" => Some(-1),
                        step => number(step),
                    };
                    let offset = if offset.is_empty() {
                        Some(0)
                    } else {
                        number(offset)
                    };
                    step.zip(offset)
                }
            },
        };
        read.ok_or_else(|| {
            let message = format!("{written:?} is no place among siblings");
            self.fault(
                from,
                &message,
                "write a number, odd, even or a formula as 2n+1",
            )
        })
    }
}
