//! A value apart from its unit, where nothing else can be meant: one number, range or product of numbers with a
//! unit that is known, and nothing beside them.

use std::sync::OnceLock;

use regex::Regex;

/// A value and its unit, both as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity<'a> {
    pub value: &'a str,
    pub unit: Option<&'a str>,
}

/// Units by the symbols and names that stand for nothing else behind a number. Symbols go by case: `Mb` is not
/// `MB`, and a lone `m`, `g` or `h` is one only in this case.
/// Left out is what also means something else: `4K`, `32 F`, a size of 42 L.
const UNITS: &str = "nm|µm|μm|um|mm|cm|dm|m|km|in|in.|inch|inches|\"|″|ft|ft.|feet|yd|yards|mi|miles|nmi|mm²|cm²|m²|km²|\
    m2|km2|cm2|sqm|sq ft|sq. ft.|ft²|ha|acres|mm³|cm³|m³|m3|cm3|ccm|cc|ml|mL|cl|dl|l|litres|liters|\
    litre|liter|Liter|gal|gallons|fl oz|fl. oz.|µg|mcg|mg|g|kg|Kg|KG|t|tonnes|oz|oz.|lb|lb.|lbs|lbs.|\
    pounds|ns|µs|ms|s|sec|secs|sec.|seconds|second|min|min.|mins|minutes|minute|Minuten|h|hr|hrs|hours|\
    hour|Stunden|days|day|Tage|weeks|week|Wochen|months|month|Monate|years|year|yrs|Jahre|°C|° C|°F|° F|\
    °|Hz|kHz|MHz|GHz|THz|bit|bits|byte|bytes|KB|kB|MB|GB|TB|PB|KiB|MiB|GiB|TiB|bps|kbps|Kbps|Mbps|Gbps|\
    kbit|Mbit|Gbit|W|mW|kW|MW|GW|kWh|Wh|MWh|kWp|V|mV|kV|VA|kVA|A|mA|Ah|mAh|Ω|kΩ|µF|nF|pF|N|kN|Nm|Pa|hPa|\
    kPa|MPa|bar|mbar|psi|J|kJ|MJ|cal|kcal|hp|HP|bhp|PS|lm|lx|cd|cd/m²|nits|dB|dBA|dB(A)|dBm|dBi|px|\
    pixels|pixel|MP|Mpx|megapixels|dpi|ppi|fps|rpm|RPM|U/min|mph|kn|knots|%|‰|ppm|ppb|pages|Seiten|pcs|\
    pcs.|Stück|Stk|Stk.|mol|mmol|IU|Bq|Gy|Sv|€|$|£|¥|₹|₽|zł|kr|EUR|USD|GBP|CHF|JPY|CAD|AUD|NZD|SEK|NOK|\
    DKK|PLN|CZK|HUF|INR|CNY|BRL|RUB|TRY|ZAR|MXN|KRW|SGD|HKD";

/// Units of money, which also stand before a number.
const MONEY: &[&str] = &[
    "€", "$", "£", "¥", "₹", "US$", "C$", "A$", "R$", "EUR", "USD", "GBP", "CHF", "JPY", "CAD",
    "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "INR", "CNY",
];

/// Splits a value's text.
pub fn quantity(text: &str) -> Quantity<'_> {
    let whole = Quantity {
        value: text,
        unit: None,
    };
    if text.len() > 60 {
        return whole;
    }
    let Some(numbers) = numbers() else {
        return whole;
    };
    for unit in MONEY {
        if let Some(rest) = text.strip_prefix(unit)
            && let rest = rest.trim_start()
            && numbers
                .find(rest)
                .is_some_and(|found| found.len() == rest.len())
        {
            return Quantity {
                value: rest,
                unit: Some(&text[..unit.len()]),
            };
        }
    }
    let Some(found) = numbers.find(text) else {
        return whole;
    };
    let unit = text[found.end()..].trim_start();
    if !is_unit(unit) {
        return whole;
    }
    Quantity {
        value: found.as_str().trim_end(),
        unit: Some(unit),
    }
}

/// Numbers as they are grouped anywhere, alone, as a range, or multiplied as the sides of a thing.
fn numbers() -> Option<&'static Regex> {
    static NUMBERS: OnceLock<Option<Regex>> = OnceLock::new();
    let number = r"(?:[+\-−]?\d{1,3}(?:[  \u{a0}\u{202f}]\d{3})+(?:[.,]\d+)?|[+\-−]?\d+(?:[.,'’]\d+)*|[½¼¾])";
    let joint = r"\s?(?:-|–|—|\.\.\.?|…|/|x|×|\*|to|bis|by)\s?";
    NUMBERS
        .get_or_init(|| {
            Regex::new(&format!(
                r"^[<>≤≥~≈±]?\s?{number}(?:{joint}{number}){{0,3}}"
            ))
            .ok()
        })
        .as_ref()
}

/// A known unit, one of them by another (`km/h`), or one that is said of each thing (`€/m²`).
fn is_unit(text: &str) -> bool {
    let is_known = |unit: &str| UNITS.split('|').any(|known| known == unit);
    if is_known(text) {
        return true;
    }
    let joint = ['/', '·', '*'];
    text.split_once(joint)
        .is_some_and(|(one, other)| is_known(one) && is_known(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_told_apart_only_where_nothing_else_can_be_meant() {
        for (text, value, unit) in [
            ("12.5 kg", "12.5", Some("kg")),
            ("12.5kg", "12.5", Some("kg")),
            ("1,299.00 EUR", "1,299.00", Some("EUR")),
            ("$1,299.00", "1,299.00", Some("$")),
            ("EUR 12", "12", Some("EUR")),
            ("5–10 Mbit/s", "5–10", Some("Mbit/s")),
            ("10 x 20 x 30 cm", "10 x 20 x 30", Some("cm")),
            ("10 000 km", "10 000", Some("km")),
            ("1\u{a0}000,5 m²", "1\u{a0}000,5", Some("m²")),
            ("≤ 5 %", "≤ 5", Some("%")),
            ("-40 to 85 °C", "-40 to 85", Some("°C")),
            ("2019", "2019", None),
            ("12.5 foo", "12.5 foo", None),
            ("12.5 kg (net)", "12.5 kg (net)", None),
            ("about 3 kg", "about 3 kg", None),
            ("kg", "kg", None),
            ("7 mm, black", "7 mm, black", None),
            ("3G", "3G", None),
            ("4K", "4K", None),
            ("42 L", "42 L", None),
            ("", "", None),
        ] {
            assert_eq!(quantity(text), Quantity { value, unit }, "{text}");
        }
    }
}
