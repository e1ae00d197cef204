//! Chance that can be repeated: the same seed gives the same numbers.

/// xorshift64.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// From a seed; 0 stands for another.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(if seed == 0 { 0x9E37_79B9_7F4A_7C15 } else { seed })
    }

    /// The next number below `bound`, which is not 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
