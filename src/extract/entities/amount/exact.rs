//! Exact numbers: a fraction of two whole numbers, so that no digit a text writes is lost.
//!
//! Knows nothing of texts. What does not fit 128 bits is `None`, never a rounded number.

use std::fmt;

/// A number as a fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract::entities) struct Exact {
    numerator: i128,
    denominator: i128,
}

impl Exact {
    pub(super) const fn whole(value: i128) -> Self {
        Self {
            numerator: value,
            denominator: 1,
        }
    }

    pub(super) fn fraction(numerator: i128, denominator: i128) -> Option<Self> {
        let (mut one, mut other) = (numerator.checked_abs()?, denominator.checked_abs()?);
        while other != 0 {
            (one, other) = (other, one % other);
        }
        if denominator == 0 {
            return None;
        }
        let sign = if denominator < 0 { -1 } else { 1 };
        Some(Self {
            numerator: numerator / one * sign,
            denominator: denominator / one * sign,
        })
    }

    /// Reads digits with at most one point among them.
    pub(super) fn decimal(whole: &str, decimals: &str) -> Option<Self> {
        let mut value: i128 = 0;
        for byte in whole.bytes().chain(decimals.bytes()) {
            if byte.is_ascii_digit() {
                value = value
                    .checked_mul(10)?
                    .checked_add(i128::from(byte - b'0'))?;
            }
        }
        let places = decimals.bytes().filter(u8::is_ascii_digit).count();
        Self::fraction(value, power_of_ten(places as u32)?)
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        let below = self.denominator.checked_mul(other.denominator)?;
        Self::fraction(left.checked_add(right)?, below)
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        let above = self.numerator.checked_mul(other.numerator)?;
        let below = self.denominator.checked_mul(other.denominator)?;
        Self::fraction(above, below)
    }

    pub(super) fn over(self, other: Self) -> Option<Self> {
        let above = self.numerator.checked_mul(other.denominator)?;
        let below = self.denominator.checked_mul(other.numerator)?;
        Self::fraction(above, below)
    }

    /// Moves the point to the right, or to the left when negative.
    pub(super) fn shifted(self, places: i32) -> Option<Self> {
        let factor = Self::whole(power_of_ten(places.unsigned_abs())?);
        if places < 0 {
            self.over(factor)
        } else {
            self.times(factor)
        }
    }

    pub(super) fn power(self, exponent: i32) -> Option<Self> {
        let one = Self::whole(1);
        // No number but one and nought has a larger power that fits.
        if exponent.unsigned_abs() > 128 {
            return None;
        }
        let mut product = one;
        for _ in 0..exponent.unsigned_abs() {
            product = product.times(self)?;
        }
        if exponent < 0 {
            one.over(product)
        } else {
            Some(product)
        }
    }

    pub(super) fn negated(self) -> Self {
        // A fraction's numerator is never the least value: its absolute value was taken.
        Self {
            numerator: -self.numerator,
            ..self
        }
    }

    /// Returns the value if it is whole.
    pub(super) fn as_whole(self) -> Option<i128> {
        (self.denominator == 1).then_some(self.numerator)
    }

    pub(super) fn is_negative(self) -> bool {
        self.numerator < 0
    }

    pub(super) fn is_less_than(self, other: i128) -> bool {
        self.denominator
            .checked_mul(other)
            .is_none_or(|right| self.numerator < right)
    }
}

fn power_of_ten(places: u32) -> Option<i128> {
    10_i128.checked_pow(places)
}

/// A plain decimal where the number has one, otherwise the fraction.
impl fmt::Display for Exact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut rest, mut twos, mut fives) = (self.denominator, 0_u32, 0_u32);
        while rest % 2 == 0 {
            (rest, twos) = (rest / 2, twos + 1);
        }
        while rest % 5 == 0 {
            (rest, fives) = (rest / 5, fives + 1);
        }
        let places = twos.max(fives);
        let scaled = power_of_ten(places)
            .filter(|_| rest == 1)
            .and_then(|factor| self.numerator.checked_mul(factor / self.denominator));
        let Some(scaled) = scaled else {
            return write!(formatter, "{}/{}", self.numerator, self.denominator);
        };
        if scaled < 0 {
            formatter.write_str("-")?;
        }
        let digits = scaled.unsigned_abs().to_string();
        let places = places as usize;
        if places == 0 {
            return formatter.write_str(&digits);
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, decimals) = padded.split_at(padded.len() - places);
        write!(formatter, "{whole}.{decimals}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fraction(numerator: i128, denominator: i128) -> Exact {
        Exact::fraction(numerator, denominator).unwrap()
    }

    #[test]
    fn numbers_are_plain_decimals_where_they_have_one() {
        for (value, written) in [
            (fraction(6, 4), "1.5"),
            (fraction(-1, 8), "-0.125"),
            (fraction(2, 3), "2/3"),
            (fraction(-4, -2), "2"),
            (fraction(0, 5), "0"),
            (Exact::decimal("0012", "3400").unwrap(), "12.34"),
            (Exact::whole(7).shifted(-3).unwrap(), "0.007"),
            (Exact::decimal("1", "1").unwrap().power(2).unwrap(), "1.21"),
            (Exact::whole(4).power(-1).unwrap(), "0.25"),
        ] {
            assert_eq!(value.to_string(), written);
        }
    }

    #[test]
    fn what_does_not_fit_is_none() {
        assert_eq!(Exact::fraction(1, 0), None);
        assert_eq!(Exact::decimal(&"9".repeat(40), ""), None);
        assert_eq!(Exact::whole(10).power(60), None);
        assert_eq!(Exact::whole(10).power(i32::MIN), None);
        assert_eq!(Exact::whole(1).shifted(i32::MIN), None);
        assert_eq!(Exact::whole(i128::MIN + 1).plus(Exact::whole(-9)), None);
        assert_eq!(Exact::fraction(i128::MIN, 1), None);
    }

    proptest! {
        #[test]
        fn a_written_decimal_is_read_back(whole in "[1-9][0-9]{0,15}", decimals in "[0-9]{0,14}[1-9]") {
            let value = Exact::decimal(&whole, &decimals).unwrap();
            prop_assert_eq!(value.to_string(), format!("{whole}.{decimals}"));
        }
    }
}
