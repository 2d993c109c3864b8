//! Numbers that look random and are the same for the same seed, for series that can be run again.

/// The variable that names the seed of a series.
pub const SEED_VARIABLE: &str = "TOOLKIT_TEST_SEED";

/// SplitMix64, which is in the public domain.
pub struct Random(u64);

impl Random {
    /// Begins at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below `limit`; 0 when the limit is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Returns the seed that the environment names, else `otherwise`, and prints it for who wants it again.
pub fn seed_or(otherwise: u64) -> u64 {
    let named = std::env::var(SEED_VARIABLE).ok();
    let seed = named.and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or(otherwise);
    println!("{SEED_VARIABLE}={seed}");
    seed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_numbers() {
        let series = |seed| {
            let mut random = Random::new(seed);
            [(); 50].map(|()| random.below(1000))
        };
        assert_eq!(series(7), series(7));
        assert_ne!(series(7), series(8));
        assert!(series(7).iter().all(|number| *number < 1000));
        assert_eq!(Random::new(1).below(0), 0);
    }
}
