//! Temperatures in degrees: `21.5 °C`, `-40 °F`, `300 K`.

use serde_json::json;

use super::numeral::Numeral;
use super::phrase;
use super::{Found, ends_word};
use crate::model::EntityType;

const SCALES: &[(&str, &str)] = &[
    ("celsius", "°C"),
    ("celcius", "°C"),
    ("centigrade", "°C"),
    ("fahrenheit", "°F"),
    ("farenheit", "°F"),
    ("kelvin", "K"),
    ("rankine", "°R"),
];

/// Words by which degrees without a scale are those of a temperature, and those of an angle.
const HEAT: &[&str] = &[
    "temperature",
    "thermostat",
    "weather",
    "heat",
    "hot",
    "warm",
    "cold",
    "cool",
    "chill",
    "freez",
    "oven",
    "fever",
    "boil",
    "outside",
    "forecast",
    "preheat",
    "bake",
    "degrees below",
    "degrees above",
];
const ANGLES: &[&str] = &[
    "rotat",
    "angle",
    "turn",
    "tilt",
    "latitude",
    "longitude",
    "slope",
    "bend",
    "bearing",
    "view",
    "circle",
    "spin",
    "north",
    "south",
];

/// Reads a temperature, or an angle where degrees are told to be of one.
pub(super) fn read(text: &str, numeral: &Numeral) -> Option<Found> {
    let mut value = numeral
        .value
        .filter(|_| !numeral.is_ordinal && !numeral.is_joined)?;
    let at = phrase::behind(text, numeral.end);
    let degrees = degrees(text, at);
    let after = degrees.unwrap_or(at);
    let scale = scale(text, after, degrees.is_some(), numeral);
    let mut start = numeral.start;
    let (end, unit, score) = match (scale, degrees) {
        (Some((unit, end)), _) => (end, unit, 0.95),
        (None, Some(end)) if ends_word(text, end) => {
            let span = (numeral.start, end);
            let is_heat = phrase::is_near(text, span, HEAT);
            let is_full_turn = [45, 90, 180, 270, 360].contains(&value.as_whole().unwrap_or(0));
            let is_angle = !is_heat && (is_full_turn || phrase::is_near(text, span, ANGLES));
            if is_angle {
                return Some(Found {
                    entity_type: EntityType::Quantity,
                    span,
                    normalized: format!("{value} °"),
                    attributes: json!({"value": value.to_string(), "unit": "°", "dimension": "angle"}),
                    score: 0.7,
                });
            }
            (end, "°", if is_heat { 0.8 } else { 0.5 })
        }
        _ => return None,
    };
    // "- 20 degrees", "minus" is part of the number already.
    if let Some(head) = text[..start]
        .strip_suffix("- ")
        .filter(|head| head.is_empty() || head.ends_with([' ', '(']))
    {
        let before = head.trim_end_matches(' ');
        if !before.ends_with(|c: char| c.is_ascii_digit()) && numeral.form.is_some() {
            start = head.len();
            value = value.negated();
        }
    }
    Some(Found {
        entity_type: EntityType::Temperature,
        span: (start, end),
        normalized: format!("{value} {unit}"),
        attributes: json!({"value": value.to_string(), "unit": unit}),
        score,
    })
}

/// Returns the end of a sign or word for degrees.
fn degrees(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    if let Some(sign) = rest.chars().next().filter(|c| matches!(c, '°' | 'º' | '˚')) {
        return Some(at + sign.len_utf8());
    }
    let word = ["degrees", "degree", "deg.", "deg"].iter().find(|word| {
        rest.as_bytes()
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
    })?;
    let end = at + word.len();
    ends_word(text, end).then_some(end)
}

fn scale(
    text: &str,
    after: usize,
    has_degrees: bool,
    numeral: &Numeral,
) -> Option<(&'static str, usize)> {
    let at = if has_degrees {
        phrase::behind(text, after)
    } else {
        after
    };
    let rest = &text[at..];
    if rest.starts_with('℃') || rest.starts_with('℉') {
        return Some((
            if rest.starts_with('℃') {
                "°C"
            } else {
                "°F"
            },
            at + 3,
        ));
    }
    let named = SCALES.iter().find(|(name, _)| {
        let head = rest.as_bytes().get(..name.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
            && ends_word(text, at + name.len())
    });
    if let Some((name, unit)) = named {
        return Some((unit, at + name.len()));
    }
    let letter = rest.bytes().next()?;
    let unit = match letter.to_ascii_uppercase() {
        b'C' => "°C",
        b'F' => "°F",
        b'K' => "K",
        _ => return None,
    };
    let end = at + 1;
    let is_alone =
        ends_word(text, end) && !text[end..].starts_with(['/', '-', '&', '+', '#', '\'', '’']);
    if !is_alone {
        return None;
    }
    if has_degrees {
        return Some((unit, end));
    }
    // Without a word for degrees a letter says little, but for "it was 20C outside".
    let span = (numeral.start, end);
    let is_told =
        letter.is_ascii_uppercase() && numeral.form.is_some() && phrase::is_near(text, span, HEAT);
    is_told.then_some((unit, end))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::{Quantity, Temperature};

    #[test]
    fn temperatures_are_normalized() {
        for (text, surface, normalized) in [
            ("It fell to -12.5 °C.", "-12.5 °C", "-12.5 °C"),
            ("Bake at 350°F until", "350°F", "350 °F"),
            (
                "about seventy degrees Fahrenheit",
                "seventy degrees Fahrenheit",
                "70 °F",
            ),
            ("cooled to 4 kelvin", "4 kelvin", "4 K"),
            ("a warm 25C today", "25C", "25 °C"),
            (
                "it dropped - 15 degrees celsius",
                "- 15 degrees celsius",
                "-15 °C",
            ),
            ("hot: 38 degrees", "38 degrees", "38 °"),
        ] {
            assert_eq!(
                found(text, &Temperature),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
        for text in [
            "appendix 3 C",
            "covid-19 C",
            "6F plan",
            "2 C++ files",
            "5 degreeless",
        ] {
            assert_eq!(found(text, &Temperature), [], "{text}");
        }
        assert_eq!(
            found("turn it by 60 degrees", &Quantity),
            [("60 degrees".to_owned(), "60 °".to_owned())]
        );
    }
}
