//! Units that things are measured in, by symbol and by name.
//!
//! Owns the table, and which letter after a number is a unit. What it measures goes by its dimension.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use super::phrase::{self, Phrases};

/// A unit: what it measures, and the symbol it is written by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) dimension: &'static str,
    symbol: &'static str,
    /// Two for an area, three for a volume that is named after a length.
    power: u8,
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = match self.power {
            2 => "²",
            3 => "³",
            _ => "",
        };
        write!(formatter, "{}{power}", self.symbol)
    }
}

/// Dimension, symbol, other symbols (as they are written), names in the singular. Names that form no plural by `s`
/// are given with it.
const UNITS: &[(&str, &str, &str, &str)] = &[
    ("length", "km", "kms Km KM", "kilometer kilometre"),
    ("length", "m", "", "meter metre"),
    ("length", "dm", "", "decimeter decimetre"),
    ("length", "cm", "cms CM", "centimeter centimetre"),
    ("length", "mm", "mms MM", "millimeter millimetre"),
    ("length", "µm", "μm um", "micrometer micrometre micron"),
    ("length", "nm", "", "nanometer nanometre"),
    ("length", "pm", "", "picometer picometre"),
    ("length", "hm", "", "hectometer hectometre"),
    ("length", "dam", "", "decameter decametre dekameter"),
    ("length", "mi", "", "mile"),
    ("length", "nmi", "", "nautical_mile"),
    ("length", "yd", "yds", "yard"),
    ("length", "ft", "", "foot feet"),
    ("length", "in", "", "inch inches"),
    ("length", "ly", "", "light_year light-year lightyear"),
    ("length", "au", "AU", "astronomical_unit"),
    ("length", "pc", "", "parsec"),
    ("length", "fathom", "", "fathom"),
    ("length", "furlong", "", "furlong"),
    ("area", "ha", "", "hectare"),
    ("area", "ac", "", "acre"),
    ("volume", "l", "L ltr", "liter litre"),
    ("volume", "ml", "mL ML", "milliliter millilitre"),
    ("volume", "cl", "cL", "centiliter centilitre"),
    ("volume", "dl", "dL", "deciliter decilitre"),
    ("volume", "hl", "hL", "hectoliter hectolitre"),
    ("volume", "µl", "μl uL µL", "microliter microlitre"),
    ("volume", "kl", "kL", "kiloliter kilolitre"),
    ("volume", "gal", "gals", "gallon"),
    ("volume", "qt", "qts", "quart"),
    ("volume", "pt", "pts", "pint"),
    ("volume", "cup", "", "cup"),
    ("volume", "fl oz", "", "fluid_ounce fl_oz fl._oz fl._oz."),
    ("volume", "tbsp", "Tbsp tbs", "tablespoon"),
    ("volume", "tsp", "", "teaspoon"),
    ("volume", "bbl", "bbls", "barrel"),
    ("volume", "bushel", "bu", "bushel"),
    ("volume", "cc", "", "cubic_centimeter cubic_centimetre"),
    ("volume", "acre-foot", "", "acre_foot acre_feet"),
    ("mass", "kg", "kgs Kg KG", "kilogram kilogramme kilo"),
    ("mass", "g", "gr gm gms", "gram gramme"),
    ("mass", "mg", "", "milligram milligramme"),
    ("mass", "µg", "μg ug mcg", "microgram microgramme"),
    ("mass", "ng", "", "nanogram nanogramme"),
    ("mass", "t", "", "tonne metric_ton"),
    ("mass", "ton", "", "ton short_ton long_ton"),
    ("mass", "kt", "", "kiloton kilotonne"),
    ("mass", "Mt", "", "megaton megatonne"),
    ("mass", "lb", "lbs", "pound lb."),
    ("mass", "oz", "", "ounce"),
    ("mass", "st", "", "stone"),
    ("mass", "dr", "", "drachma dram"),
    ("mass", "ct", "", "carat"),
    ("mass", "gr", "", "grain"),
    ("speed", "km/h", "kph kmph kmh km/hr Km/h KM/H", ""),
    ("speed", "mph", "MPH mi/h", ""),
    ("speed", "m/s", "mps", ""),
    ("speed", "kn", "kts kt.", "knot"),
    ("speed", "ft/s", "", ""),
    (
        "frame rate",
        "fps",
        "FPS",
        "frame_per_second frames_per_second",
    ),
    ("data", "bit", "", "bit"),
    ("data", "kbit", "Kbit kb Kb", "kilobit"),
    ("data", "Mbit", "Mb", "megabit"),
    ("data", "Gbit", "Gb", "gigabit"),
    ("data", "Tbit", "Tb", "terabit"),
    ("data", "B", "", "byte"),
    ("data", "kB", "KB", "kilobyte"),
    ("data", "MB", "", "megabyte"),
    ("data", "GB", "", "gigabyte gig"),
    ("data", "TB", "", "terabyte"),
    ("data", "PB", "", "petabyte"),
    ("data", "EB", "", "exabyte"),
    ("data", "KiB", "", "kibibyte"),
    ("data", "MiB", "", "mebibyte"),
    ("data", "GiB", "", "gibibyte"),
    ("data", "TiB", "", "tebibyte"),
    ("data rate", "bit/s", "bps", ""),
    ("data rate", "kbit/s", "kbps Kbps", ""),
    ("data rate", "Mbit/s", "Mbps mbps", ""),
    ("data rate", "Gbit/s", "Gbps gbps", ""),
    ("data rate", "Tbit/s", "Tbps", ""),
    ("power", "W", "", "watt"),
    ("power", "kW", "KW kw", "kilowatt"),
    ("power", "MW", "", "megawatt"),
    ("power", "GW", "", "gigawatt"),
    ("power", "TW", "", "terawatt"),
    ("power", "mW", "", "milliwatt"),
    ("power", "hp", "HP bhp PS", "horsepower"),
    ("energy", "Wh", "", "watt_hour watt-hour"),
    (
        "energy",
        "kWh",
        "KWh kwh KWH",
        "kilowatt_hour kilowatt-hour",
    ),
    ("energy", "MWh", "", "megawatt_hour megawatt-hour"),
    ("energy", "GWh", "", "gigawatt_hour gigawatt-hour"),
    ("energy", "TWh", "", "terawatt_hour terawatt-hour"),
    ("energy", "J", "", "joule"),
    ("energy", "kJ", "", "kilojoule"),
    ("energy", "MJ", "", "megajoule"),
    ("energy", "cal", "", "calorie"),
    ("energy", "kcal", "Kcal", "kilocalorie"),
    ("energy", "BTU", "Btu btu", "british_thermal_unit"),
    ("energy", "eV", "", "electronvolt"),
    ("pressure", "Pa", "", "pascal"),
    ("pressure", "hPa", "", "hectopascal"),
    ("pressure", "kPa", "", "kilopascal"),
    ("pressure", "MPa", "", "megapascal"),
    ("pressure", "bar", "", "bar"),
    ("pressure", "mbar", "", "millibar"),
    ("pressure", "psi", "PSI", ""),
    ("pressure", "mmHg", "", ""),
    ("force", "N", "", "newton"),
    ("force", "kN", "", "kilonewton"),
    ("torque", "Nm", "N·m", "newton_meter newton_metre"),
    ("voltage", "V", "VAC VDC", "volt"),
    ("voltage", "kV", "", "kilovolt"),
    ("voltage", "mV", "", "millivolt"),
    ("current", "A", "", "ampere amp"),
    ("current", "mA", "", "milliampere milliamp"),
    ("charge", "mAh", "", "milliampere_hour milliamp_hour"),
    ("charge", "Ah", "", "ampere_hour amp_hour"),
    ("resistance", "Ω", "Ω", "ohm"),
    ("resistance", "kΩ", "kΩ", "kiloohm kilohm"),
    ("frequency", "Hz", "hz", "hertz"),
    ("frequency", "kHz", "khz KHz", "kilohertz"),
    ("frequency", "MHz", "Mhz mhz", "megahertz"),
    ("frequency", "GHz", "Ghz ghz", "gigahertz"),
    ("frequency", "rpm", "RPM", ""),
    ("luminous flux", "lm", "", "lumen"),
    ("illuminance", "lx", "", "lux"),
    ("sound level", "dB", "dBA db", "decibel"),
    ("angle", "rad", "", "radian"),
    ("angle", "turn", "", "turn"),
    ("image", "MP", "Mpx", "megapixel"),
    ("image", "px", "", "pixel"),
    ("fuel economy", "mpg", "MPG", ""),
    ("ratio", "ppm", "", ""),
    ("ratio", "ppb", "", ""),
];

/// Times that something is measured over.
const PER: &[(&str, &str)] = &[
    ("s", "s"),
    ("sec", "s"),
    ("second", "s"),
    ("ms", "ms"),
    ("millisecond", "ms"),
    ("min", "min"),
    ("minute", "min"),
    ("h", "h"),
    ("hr", "h"),
    ("hour", "h"),
    ("d", "d"),
    ("day", "d"),
];

/// What one letter or two may as well be: a letter of a list, a word, a time. They count right behind digits, and the first
/// of them behind a space.
const SPACED_LETTERS: &[&str] = &["m", "g", "l", "L", "W", "V", "N", "J", "B", "t"];
const UNSPACED_ALONE: &[&str] = &[
    "in", "A", "PS", "st", "pt", "pts", "pc", "ac", "au", "AU", "dr", "gr", "MM", "MP", "bu", "kt.",
];

struct Tables {
    names: Phrases<Unit>,
    symbols: HashMap<String, Unit>,
    times: Phrases<&'static str>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = Tables {
            names: Phrases::new(),
            symbols: HashMap::new(),
            times: Phrases::new(),
        };
        for (name, time) in PER {
            tables.times.add(name, *time);
        }
        for (dimension, symbol, others, names) in UNITS {
            let unit = Unit {
                dimension,
                symbol,
                power: 1,
            };
            let written = std::iter::once(*symbol).chain(others.split_whitespace());
            tables
                .symbols
                .extend(written.map(|one| (one.to_owned(), unit)));
            for name in names.split_whitespace() {
                tables.names.add(&name.replace('_', " "), unit);
            }
            if *dimension == "length" && !symbol.ends_with("ly") {
                tables.add_powers(symbol, others, names);
            }
        }
        tables
    })
}

impl Tables {
    /// A length has an area and a volume.
    fn add_powers(&mut self, symbol: &'static str, others: &str, names: &str) {
        for (dimension, power, sign, words) in [
            ("area", 2, "²", ["square", "sq", "sq."]),
            ("volume", 3, "³", ["cubic", "cu", "cu."]),
        ] {
            let unit = Unit {
                dimension,
                symbol,
                power,
            };
            for short in std::iter::once(symbol).chain(others.split_whitespace()) {
                for ending in [sign.to_owned(), power.to_string(), format!("^{power}")] {
                    self.symbols.insert(format!("{short}{ending}"), unit);
                }
                for word in words {
                    self.names
                        .add(&format!("{word} {}", short.to_lowercase()), unit);
                }
            }
            for name in names.split_whitespace() {
                for word in words {
                    let phrase = format!("{word} {}", name.replace('_', " "));
                    self.names.add(&phrase, unit);
                }
            }
        }
    }
}

/// Reads the unit behind a number that ends at `end`: the unit, a second one it is divided by, and the end of both.
pub(super) fn behind(
    text: &str,
    end: usize,
    is_digits: bool,
) -> Option<(Unit, Option<&'static str>, usize)> {
    let at = phrase::behind(text, end);
    let bracket = text[at..]
        .chars()
        .next()
        .filter(|c| matches!(c, '[' | '{' | '<' | '('));
    let from = at + bracket.map_or(0, char::len_utf8);
    let is_attached = at == end || text[end..at] == *"-";
    let named = phrase::longest(text, from, &tables().names);
    let symbol = is_digits.then(|| symbol(text, from, is_attached)).flatten();
    // "cubic feet" is longer than any symbol in it, and "km/h" than "km".
    let (unit, after) = match (named, symbol) {
        (Some(one), Some(other)) if other.1 > one.1 => other,
        (Some(one), _) => one,
        (None, other) => other?,
    };
    if let Some(open) = bracket {
        let close = match open {
            '[' => ']',
            '{' => '}',
            '<' => '>',
            _ => ')',
        };
        return text[after..]
            .starts_with(close)
            .then_some((unit, None, after + 1));
    }
    match per(text, after).filter(|_| matches!(unit.dimension, "length" | "data")) {
        Some((time, end)) => Some((unit, Some(time), end)),
        None => Some((unit, None, after)),
    }
}

/// Reads "per hour", "/s", "a second" behind a unit.
fn per(text: &str, end: usize) -> Option<(&'static str, usize)> {
    let rest = &text[end..];
    let from = ["/", " / ", " per ", " an ", " a "]
        .iter()
        .find(|head| rest.starts_with(**head))?;
    phrase::longest(text, end + from.len(), &tables().times)
}

/// Reads a symbol: the longest that is one, with no letter or digit behind it.
fn symbol(text: &str, from: usize, is_attached: bool) -> Option<(Unit, usize)> {
    const LONGEST: usize = 6;
    let rest = &text[from..];
    let ends: Vec<usize> = rest
        .char_indices()
        .skip(1)
        .map(|(at, _)| at)
        .chain([rest.len()])
        .take(LONGEST)
        .collect();
    for end in ends.into_iter().rev() {
        let (written, tail) = rest.split_at_checked(end)?;
        let Some(unit) = tables().symbols.get(written) else {
            continue;
        };
        if tail.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '²' | '³')) {
            continue;
        }
        let is_letter = written.chars().count() == 1 && written.is_ascii();
        let is_initial = is_letter
            && (tail.starts_with(['.', '\'', '’']) && tail[1..].starts_with(char::is_alphabetic)
                || tail.starts_with(['-', '&']));
        let may_be_spaced = if is_letter {
            SPACED_LETTERS.contains(&written) && !is_initial
        } else {
            !UNSPACED_ALONE.contains(&written)
        };
        let may_be_attached = written != "in" && written != "st" && written != "pm";
        return (if is_attached {
            may_be_attached
        } else {
            may_be_spaced && written != "pm"
        })
        .then_some((*unit, from + end));
    }
    None
}
