//! The whole report as one JSON document, keys in the order of the struct.

use std::io::{self, Write};

use serde::Serialize;

use super::OmittedKeys;
use super::omit::Without;
use super::text::is_obeyed;

/// Writes `report` without the omitted keys, indented, with a newline at its end.
pub(super) fn write(
    report: &impl Serialize,
    omitted: &OmittedKeys,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = Without {
        value: report,
        omitted,
    };
    serde_json::to_writer_pretty(EscapingWriter(&mut *out), &shown)?;
    out.write_all(b"\n")
}

/// Writes JSON on, with what a terminal would obey as `\u` escapes.
///
/// JSON leaves DEL, the C1 controls and the directional characters as they are (RFC 8259, 7). All of
/// them can stand only inside a string, where the escape means the same, so nothing is lost on reading.
pub(super) struct EscapingWriter<'a>(pub &'a mut dyn Write);

impl Write for EscapingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.write_escaped(text)?,
            Err(_) => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl EscapingWriter<'_> {
    fn write_escaped(&mut self, text: &str) -> io::Result<()> {
        let mut written = 0;
        // The serializer has escaped C0 in strings; what is left of it is the document's own line ends.
        let obeyed = |character: char| character >= '\u{7f}' && is_obeyed(character);
        for (start, found) in text.match_indices(obeyed) {
            self.0.write_all(&text.as_bytes()[written..start])?;
            for character in found.chars() {
                write!(self.0, "\\u{:04x}", u32::from(character))?;
            }
            written = start + found.len();
        }
        self.0.write_all(&text.as_bytes()[written..])
    }
}
