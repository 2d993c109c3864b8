//! Measured things: a number with a unit, as `<value> <symbol>`.

use serde_json::json;

use super::numeral::Numeral;
use super::{Found, units};
use crate::model::EntityType;

/// Reads the unit behind a number.
pub(super) fn read(text: &str, numeral: &Numeral) -> Option<Found> {
    let value = numeral
        .value
        .filter(|_| !numeral.is_ordinal && !numeral.is_joined && numeral.letters.is_none())?;
    let (unit, per, end) = units::behind(text, numeral.end, numeral.form.is_some())?;
    let symbol = match per {
        Some(time) => format!("{unit}/{time}"),
        None => unit.to_string(),
    };
    let dimension = match (unit.dimension, per) {
        ("length", Some(_)) => "speed",
        ("data", Some(_)) => "data rate",
        (dimension, _) => dimension,
    };
    Some(Found {
        entity_type: EntityType::Quantity,
        span: (numeral.start, end),
        normalized: format!("{value} {symbol}"),
        attributes: json!({"value": value.to_string(), "unit": symbol, "dimension": dimension}),
        score: if numeral.is_bare_one { 0.7 } else { 0.9 },
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::model::EntityType::Quantity;

    #[test]
    fn quantities_are_normalized() {
        for (text, surface, normalized) in [
            (
                "The well is 2,040.5 metres deep",
                "2,040.5 metres",
                "2040.5 m",
            ),
            ("a 3.5-kilometre walk", "3.5-kilometre", "3.5 km"),
            ("some 40 sq. ft. of", "40 sq. ft", "40 ft²"),
            ("12m² of floor", "12m²", "12 m²"),
            ("two and a half pints of", "two and a half pints", "2.5 pt"),
            ("at 90 km/h on", "90 km/h", "90 km/h"),
            ("sixty miles an hour", "sixty miles an hour", "60 mi/h"),
            ("25 Mbps down", "25 Mbps", "25 Mbit/s"),
            ("a 512 GB disk", "512 GB", "512 GB"),
            ("300 cubic metres.", "300 cubic metres", "300 m³"),
            ("¾ cup of rice", "¾ cup", "0.75 cup"),
            ("weighs 7 [kg] here", "7 [kg]", "7 kg"),
            ("5 million barrels", "5 million barrels", "5000000 bbl"),
            ("a 60W bulb", "60W", "60 W"),
        ] {
            assert_eq!(
                found(text, &Quantity),
                [(surface.to_owned(), normalized.to_owned())],
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_unit_is_left() {
        for text in [
            "5 in all",
            "type-7 m",
            "item 4 A. More",
            "3 meter's",
            "5 mining towns",
            "at 2 pm",
            "the 2nd meter",
            "10 am",
            "4 g's",
        ] {
            assert_eq!(found(text, &Quantity), [], "{text}");
        }
    }
}
