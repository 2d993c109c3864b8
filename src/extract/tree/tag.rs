//! Names of HTML elements as one byte each, and those names of SVG and MathML that the parser has rules for.

macro_rules! tags {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// The name of an HTML element; [`Tag::Other`] for one that has no rule here, or no element.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum Tag { $($variant,)+ #[default] Other }

        const NAMES: &[(&str, Tag)] = &[$(($name, Tag::$variant)),+];
        const TAGS: usize = NAMES.len();
    };
}

tags! {
    A = "a", Abbr = "abbr", Address = "address", AnnotationXml = "annotation-xml", Applet = "applet",
    Area = "area", Article = "article", Aside = "aside", Audio = "audio", B = "b", Base = "base",
    Basefont = "basefont", Bgsound = "bgsound", Big = "big", Blockquote = "blockquote", Body = "body",
    Br = "br", Button = "button", Canvas = "canvas", Caption = "caption", Center = "center", Cite = "cite",
    Code = "code", Col = "col", Colgroup = "colgroup", Data = "data", Datalist = "datalist", Dd = "dd", Del = "del",
    Desc = "desc", Details = "details", Dialog = "dialog", Dir = "dir", Div = "div", Dl = "dl", Dt = "dt",
    Em = "em", Embed = "embed", Fieldset = "fieldset", Figcaption = "figcaption", Figure = "figure",
    Font = "font", Footer = "footer", ForeignObject = "foreignobject", Form = "form", Frame = "frame",
    Frameset = "frameset", H1 = "h1", H2 = "h2", H3 = "h3", H4 = "h4", H5 = "h5", H6 = "h6", Head = "head",
    Header = "header", Hgroup = "hgroup", Hr = "hr", Html = "html", I = "i", Iframe = "iframe",
    Image = "image", Img = "img", Input = "input", Keygen = "keygen", Label = "label", Legend = "legend",
    Li = "li", Link = "link", Listing = "listing", Main = "main", Malignmark = "malignmark", Map = "map",
    Marquee = "marquee", Math = "math", Menu = "menu", Meta = "meta", Meter = "meter", Mglyph = "mglyph",
    Mi = "mi", Mn = "mn", Mo = "mo", Ms = "ms", Mtext = "mtext", Nav = "nav", Nobr = "nobr",
    Noembed = "noembed", Noframes = "noframes", Noscript = "noscript", Object = "object", Ol = "ol",
    Optgroup = "optgroup", Option = "option", Output = "output", P = "p", Param = "param",
    Picture = "picture", Plaintext = "plaintext", Pre = "pre", Progress = "progress", Q = "q", Rb = "rb",
    Rp = "rp", Rt = "rt", Rtc = "rtc", Ruby = "ruby", S = "s", Script = "script", Search = "search",
    Section = "section", Select = "select", Small = "small", Source = "source", Span = "span",
    Strike = "strike", Strong = "strong", Style = "style", Sub = "sub", Summary = "summary", Sup = "sup",
    Svg = "svg", Table = "table", Tbody = "tbody", Td = "td", Template = "template", Textarea = "textarea",
    Tfoot = "tfoot", Th = "th", Thead = "thead", Time = "time", Title = "title", Tr = "tr", Track = "track",
    Tt = "tt", U = "u", Ul = "ul", Var = "var", Video = "video", Wbr = "wbr", Xmp = "xmp",
}

/// Slots for names; few enough to stay near, enough for most names to stand where their hash says.
const SLOTS: usize = 1024;

/// For each slot one more than the index of a name, or 0.
static TABLE: [u8; SLOTS] = table();

const LONGEST_NAME: usize = 14;

const fn table() -> [u8; SLOTS] {
    let mut table = [0; SLOTS];
    let mut index = 0;
    while index < TAGS {
        let mut slot = slot_of(NAMES[index].0.as_bytes());
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = index as u8 + 1;
        index += 1;
    }
    table
}

/// Returns where a name is looked for first, in either case.
const fn slot_of(name: &[u8]) -> usize {
    let mut hash = name.len() as u32;
    let mut at = 0;
    while at < name.len() {
        hash = (hash ^ (name[at] | 0x20) as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ (hash >> 15)) as usize % SLOTS
}

impl Tag {
    /// Returns the tag of a name in either case.
    pub fn of(name: &str) -> Self {
        let name = name.as_bytes();
        if name.len() > LONGEST_NAME {
            return Self::Other;
        }
        let mut slot = slot_of(name);
        while let Some(index) = usize::from(TABLE[slot]).checked_sub(1) {
            if NAMES[index].0.as_bytes().eq_ignore_ascii_case(name) {
                return NAMES[index].1;
            }
            slot = (slot + 1) % SLOTS;
        }
        Self::Other
    }

    /// Returns the name; `None` for an element that has no rule here.
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(self as usize).map(|(name, _)| *name)
    }

    /// Says whether the element is laid out as a block of its own.
    pub fn is_block(self) -> bool {
        matches!(
            self,
            Self::Address
                | Self::Article
                | Self::Aside
                | Self::Blockquote
                | Self::Body
                | Self::Caption
                | Self::Center
                | Self::Dd
                | Self::Details
                | Self::Dialog
                | Self::Dir
                | Self::Div
                | Self::Dl
                | Self::Dt
                | Self::Fieldset
                | Self::Figcaption
                | Self::Figure
                | Self::Footer
                | Self::Form
                | Self::Frameset
                | Self::H1
                | Self::H2
                | Self::H3
                | Self::H4
                | Self::H5
                | Self::H6
                | Self::Header
                | Self::Hgroup
                | Self::Hr
                | Self::Html
                | Self::Legend
                | Self::Li
                | Self::Main
                | Self::Menu
                | Self::Nav
                | Self::Ol
                | Self::P
                | Self::Pre
                | Self::Search
                | Self::Section
                | Self::Summary
                | Self::Table
                | Self::Tbody
                | Self::Td
                | Self::Tfoot
                | Self::Th
                | Self::Thead
                | Self::Tr
                | Self::Ul
        )
    }

    /// Says whether the element is one of `h1` to `h6`.
    pub fn is_heading(self) -> bool {
        (Self::H1..=Self::H6).contains(&self)
    }

    /// Returns how deep a heading is, from 1.
    pub fn heading_level(self) -> Option<u8> {
        let all = [Self::H1, Self::H2, Self::H3, Self::H4, Self::H5, Self::H6];
        let at = all.iter().position(|one| *one == self)?;
        Some(at as u8 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_found() {
        for (name, tag) in NAMES {
            assert_eq!(Tag::of(name), *tag);
            assert_eq!(tag.name(), Some(*name));
            assert_eq!(Tag::of(&name.to_ascii_uppercase()), *tag);
        }
        for name in ["x-card", "", "annotation-xmls", "divs", "di", "@"] {
            assert_eq!(Tag::of(name), Tag::Other, "{name}");
        }
        assert_eq!(Tag::Other.name(), None);
    }
}
