//! A fingerprint of a text that changes little when the text does.
//!
//! Owns its type and when two are near; how it is made is the crawl room's.

use serde::Serialize;

/// Sixty-four bits, of which texts that are alike share most (Charikar 2002).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Simhash(pub u64);

impl Simhash {
    /// Most bits in which near duplicates differ: of 64, 3 were found to tell near duplicates from other
    /// pages best, on eight billion of them (Manku, Jain and Das Sarma, "Detecting near-duplicates for web
    /// crawling", WWW 2007, section 4).
    pub const NEAR: u32 = 3;

    /// Returns in how many bits the two differ.
    pub fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// Says whether the two texts count as near duplicates.
    pub fn is_near(self, other: Self) -> bool {
        self.distance(other) <= Self::NEAR
    }

    /// Returns the four quarters: of two that differ in at most three bits, one is the same in both.
    pub fn quarters(self) -> [u16; 4] {
        [0, 16, 32, 48].map(|shift| (self.0 >> shift) as u16)
    }

    /// Returns the bits as the signed number that databases keep.
    pub fn to_signed(self) -> i64 {
        self.0.cast_signed()
    }

    /// Reads what a database keeps.
    pub fn of_signed(number: i64) -> Self {
        Self(number.cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_three_bits_or_fewer_and_shares_a_quarter() {
        let one = Simhash(0x0123_4567_89ab_cdef);
        let other = Simhash(one.0 ^ (1 | 1 << 20 | 1 << 63));
        assert_eq!(one.distance(other), 3);
        assert!(one.is_near(other));
        assert!(!one.is_near(Simhash(other.0 ^ 2)));
        let shared = one.quarters().into_iter().zip(other.quarters());
        assert_eq!(shared.filter(|(a, b)| a == b).count(), 1);
        assert_eq!(Simhash::of_signed(other.to_signed()), other);
    }
}
