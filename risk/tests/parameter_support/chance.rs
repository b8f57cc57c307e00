//! A source of chance that is the same everywhere for the same seed: SplitMix64.

/// The source.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Seeded.
    pub fn new(seed: u64) -> Self {
        let first = Self(seed).next(); // else a seed's numbers would be those of the one before, but for the first
        Self(first)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        match (most - least).checked_add(1) {
            Some(count) => least + self.below(count),
            None => self.next(),
        }
    }

    /// Whether a chance of `percent` came up.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }

    /// A number whose size in bits is as likely as another, from `least` to `most`.
    pub fn sized(&mut self, least: u64, most: u64) -> u64 {
        let span = most - least;
        let bits = u64::from(64 - span.leading_zeros()).max(1);
        least + (self.between(0, span) >> self.below(bits))
    }
}
