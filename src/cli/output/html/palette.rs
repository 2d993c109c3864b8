//! What the style's colours have to be: far enough apart to be read (WCAG 2.2, 1.4.3 and 1.4.11, level AA).

use std::collections::BTreeMap;

/// Text on its ground.
const TEXT: f64 = 4.5;
/// Bars, borders of controls and the focus ring on what is beside them.
const SHAPE: f64 = 3.0;

type Palette<'a> = BTreeMap<&'a str, &'a str>;

/// Reads the palettes: light, dark and of paper.
fn palettes() -> Vec<Palette<'static>> {
    let blocks = super::STYLE.split(":root{").skip(1);
    blocks
        .map(|block| {
            let end = block.find('}').unwrap();
            let declarations = block[..end].split(';');
            declarations
                .filter_map(|one| one.trim().strip_prefix("--")?.split_once(':'))
                .collect()
        })
        .collect()
}

/// The relative luminance of `#rrggbb`.
fn luminance(color: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_that_of_the_standard() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#ffffff") - 4.478).abs() < 1e-3);
}

#[test]
fn every_colour_can_be_read_in_light_in_dark_and_on_paper() {
    let palettes = palettes();
    assert_eq!(palettes.len(), 3);
    let names: Vec<_> = palettes[0].keys().collect();
    for palette in &palettes {
        assert_eq!(palette.keys().collect::<Vec<_>>(), names);
        let mut faults = Vec::new();
        let mut hold = |front: &str, ground: &str, least: f64| {
            let ratio = contrast(palette[front], palette[ground]);
            if ratio < least {
                faults.push(format!("{front} on {ground}: {ratio:.2} < {least}"));
            }
        };
        for ground in ["paper", "wash"] {
            for front in ["ink", "muted", "link", "failed", "pending", "limit", "loss"] {
                hold(front, ground, TEXT);
            }
        }
        for mark in ["time", "amount", "contact", "code", "name", "other"] {
            hold("ink", mark, TEXT);
            hold("muted", mark, TEXT);
            hold("link", mark, TEXT);
        }
        for shape in [
            "edge",
            "new",
            "changed",
            "unchanged",
            "alias",
            "skipped",
            "done",
            "empty",
            "pending",
            "limit",
            "failed",
            "loss",
            "decision",
        ] {
            hold(shape, "paper", SHAPE);
        }
        assert!(faults.is_empty(), "{faults:#?}");
    }
}
