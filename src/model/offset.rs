//! Places in a text as other programs count them: spans are stored in bytes of UTF-8, Python and `annotate` count code
//! points, JavaScript, Java and C# count UTF-16 code units.
//!
//! Owns the conversion both ways, and nothing of what stands at a place.

/// One place in a text, before the character that begins there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offset {
    /// Bytes of UTF-8 before it.
    pub byte: usize,
    /// Unicode code points before it.
    pub code_point: usize,
    /// UTF-16 code units before it.
    pub utf16: usize,
}

impl Offset {
    /// Returns the place at a byte; `None` within a character and beyond the end.
    ///
    /// ```
    /// use toolkit::model::Offset;
    /// let text = "é 😀 x";
    /// let place = Offset::of_byte(text, 8).unwrap();
    /// assert_eq!((place.code_point, place.utf16, &text[place.byte..]), (4, 5, "x"));
    /// assert_eq!(Offset::of_byte(text, 1), None);
    /// ```
    pub fn of_byte(text: &str, byte: usize) -> Option<Self> {
        Self::default().moved_to(text, byte)
    }

    /// Returns the place before the code point of this number, counted from 0; `None` beyond the end.
    pub fn of_code_point(text: &str, code_point: usize) -> Option<Self> {
        Self::all(text).find(|place| place.code_point == code_point)
    }

    /// Returns the place before this UTF-16 code unit; `None` within a surrogate pair and beyond the end.
    pub fn of_utf16(text: &str, utf16: usize) -> Option<Self> {
        Self::all(text).find(|place| place.utf16 == utf16)
    }

    /// Returns the place at a byte of the same text, counting from this one where that is not behind it.
    #[must_use]
    pub fn moved_to(self, text: &str, byte: usize) -> Option<Self> {
        let from = if self.byte <= byte {
            self
        } else {
            Self::default()
        };
        let passed = text.get(from.byte..byte)?;
        Some(passed.chars().fold(from, Self::after))
    }

    fn after(self, c: char) -> Self {
        Self {
            byte: self.byte + c.len_utf8(),
            code_point: self.code_point + 1,
            utf16: self.utf16 + c.len_utf16(),
        }
    }

    /// Returns every place of a text, its end included.
    fn all(text: &str) -> impl Iterator<Item = Self> {
        let characters = text.chars();
        let behind = characters.scan(Self::default(), |place, c| {
            *place = place.after(c);
            Some(*place)
        });
        std::iter::once(Self::default()).chain(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_is_the_same_however_it_is_counted(text in "(a|é|ẞ|東|😀|\u{301}|\n){0,30}", from in 0_usize..200, to in 0_usize..200) {
            for byte in 0..=text.len() + 1 {
                let place = Offset::of_byte(&text, byte);
                prop_assert_eq!(place.is_some(), text.is_char_boundary(byte));
                let Some(place) = place else { continue };
                let before = &text[..byte];
                prop_assert_eq!(place.code_point, before.chars().count());
                prop_assert_eq!(place.utf16, before.encode_utf16().count());
                prop_assert_eq!(Offset::of_code_point(&text, place.code_point), Some(place));
                prop_assert_eq!(Offset::of_utf16(&text, place.utf16), Some(place));
            }
            let units: Vec<u16> = text.encode_utf16().collect();
            prop_assert_eq!(Offset::of_utf16(&text, units.len() + 1), None);
            if let Some(place) = Offset::of_byte(&text, from.min(text.len())) {
                let to = to.min(text.len());
                prop_assert_eq!(place.moved_to(&text, to), Offset::of_byte(&text, to));
            }
        }
    }
}
