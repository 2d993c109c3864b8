//! Names of HTML elements as one byte each.

macro_rules! tags {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// The name of an HTML element; [`Tag::Other`] for one that has no rule here, or no element.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum Tag { $($variant,)+ #[default] Other }

        const NAMES: &[(&str, Tag)] = &[$(($name, Tag::$variant)),+];
    };
}

// Sorted by name: looked up by bisection.
tags! {
    A = "a", Abbr = "abbr", Address = "address", Area = "area", Article = "article", Aside = "aside",
    Audio = "audio", B = "b", Base = "base", Blockquote = "blockquote", Body = "body", Br = "br",
    Button = "button", Canvas = "canvas", Caption = "caption", Center = "center", Cite = "cite",
    Code = "code", Col = "col", Colgroup = "colgroup", Datalist = "datalist", Dd = "dd", Del = "del",
    Details = "details", Dialog = "dialog", Dir = "dir", Div = "div", Dl = "dl", Dt = "dt", Em = "em",
    Embed = "embed", Fieldset = "fieldset", Figcaption = "figcaption", Figure = "figure", Font = "font",
    Footer = "footer", Form = "form", Frame = "frame", Frameset = "frameset", H1 = "h1", H2 = "h2",
    H3 = "h3", H4 = "h4", H5 = "h5", H6 = "h6", Head = "head", Header = "header", Hgroup = "hgroup",
    Hr = "hr", Html = "html", I = "i", Iframe = "iframe", Img = "img", Input = "input", Label = "label",
    Legend = "legend", Li = "li", Link = "link", Main = "main", Map = "map", Math = "math",
    Menu = "menu", Meta = "meta", Meter = "meter", Nav = "nav", Noframes = "noframes",
    Noscript = "noscript", Object = "object", Ol = "ol", Optgroup = "optgroup", Option = "option",
    Output = "output", P = "p", Param = "param", Picture = "picture", Pre = "pre",
    Progress = "progress", Q = "q", Rp = "rp", Rt = "rt", Ruby = "ruby", S = "s", Script = "script",
    Search = "search", Section = "section", Select = "select", Small = "small", Source = "source",
    Span = "span", Strong = "strong", Style = "style", Sub = "sub", Summary = "summary", Sup = "sup",
    Svg = "svg", Table = "table", Tbody = "tbody", Td = "td", Template = "template",
    Textarea = "textarea", Tfoot = "tfoot", Th = "th", Thead = "thead", Time = "time", Title = "title",
    Tr = "tr", Track = "track", Tt = "tt", U = "u", Ul = "ul", Video = "video", Wbr = "wbr",
}

impl Tag {
    /// Returns the tag of a lower-case name.
    pub fn of(name: &str) -> Self {
        NAMES
            .binary_search_by_key(&name, |(known, _)| known)
            .map_or(Self::Other, |at| NAMES[at].1)
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_so_that_each_is_found() {
        assert!(NAMES.is_sorted_by(|one, next| one.0 < next.0));
        for (name, tag) in NAMES {
            assert_eq!(Tag::of(name), *tag);
        }
        assert_eq!(Tag::of("x-card"), Tag::Other);
    }
}
