//! Owns the size of a lot and the exact worth of lots. A lot is 10^k base tokens, worth about a tenth of a cent at listing
//! (DESIGN section 3).

/// Lots that one leg may hold.
pub const MAX_LEG_LOTS: u64 = 1 << 37;
/// Lots that one side of a market may hold.
pub const MAX_OPEN_LOTS: u64 = 1 << 38;

/// The market's lot: 10^`exponent` base tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LotScale {
    /// k, negative for tokens above $0.001.
    pub exponent: i32,
}

impl LotScale {
    /// The lot that is worth $0.0003 up to $0.003 at `price` (micro-dollars per base token, positive).
    pub fn at_listing(price: u64) -> Self {
        let (mut lot_nano_usd, mut exponent) = (u128::from(price) * 1_000, 0);
        while lot_nano_usd >= 3_000_000 {
            lot_nano_usd /= 10;
            exponent -= 1;
        }
        while lot_nano_usd < 300_000 {
            lot_nano_usd *= 10;
            exponent += 1;
        }
        Self { exponent }
    }

    /// Worth of `lots` when a base token costs `price` micro-dollars; negative factors give negative worth. In
    /// micro-dollars, toward zero.
    pub fn worth(self, lots: u64, price: i128) -> i128 {
        let scale = 10_i128.pow(self.exponent.unsigned_abs());
        let product = i128::from(lots) * price;
        if self.exponent < 0 {
            product / scale
        } else {
            product * scale
        }
    }

    /// Lots that are worth at most `worth` micro-dollars when a base token costs `price` micro-dollars, positive.
    pub fn lots(self, worth: u64, price: u64) -> u64 {
        let scale = 10_u128.pow(self.exponent.unsigned_abs());
        let (worth, price) = (u128::from(worth), u128::from(price));
        let lots = if self.exponent < 0 { worth * scale / price } else { worth / (price * scale) };
        u64::try_from(lots).unwrap_or(u64::MAX)
    }

    /// Price of a base token at which `lots` (positive) are worth `worth` micro-dollars (≥ 0). In micro-dollars, down.
    pub fn price(self, lots: u64, worth: i128) -> i128 {
        let scale = 10_i128.pow(self.exponent.unsigned_abs());
        if self.exponent < 0 {
            worth * scale / i128::from(lots)
        } else {
            worth / (i128::from(lots) * scale)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_worth_about_a_tenth_of_a_cent() {
        for (price, exponent) in
            [(203_800_000, -5), (4_069_000, -4), (110_000_000_000, -8), (300, 0), (2_999, 0), (3_000, -1), (1, 3)]
        {
            let scale = LotScale::at_listing(price);
            assert_eq!(scale.exponent, exponent, "at {price}");
            let thousand = scale.worth(1_000_000, i128::from(price));
            assert!((300_000_000..3_000_000_000).contains(&thousand), "at {price}");
        }
    }

    #[test]
    fn worth_is_exact_and_signed() {
        let scale = LotScale { exponent: -5 };
        assert_eq!(scale.worth(100_000, 203_800_000), 203_800_000);
        assert_eq!(scale.worth(1, -203_850_000), -2_038);
        assert_eq!(LotScale { exponent: 2 }.worth(3, 5), 1_500);
    }

    #[test]
    fn the_lots_of_a_worth_are_the_most_that_it_buys() {
        for (exponent, worth, price) in [(-5, 203_800_000, 203_800_000), (-5, 12_345, 203_850_000), (2, 1_799, 5)] {
            let scale = LotScale { exponent };
            let lots = scale.lots(worth, price);
            assert!(scale.worth(lots, i128::from(price)) <= i128::from(worth), "{lots}");
            assert!(scale.worth(lots + 1, i128::from(price)) > i128::from(worth) - 1, "{lots}");
        }
        assert_eq!(LotScale { exponent: -5 }.lots(203_800_000, 203_800_000), 100_000);
    }

    #[test]
    fn the_price_of_lots_undoes_their_worth() {
        assert_eq!(LotScale { exponent: -5 }.price(100_000, 203_800_000), 203_800_000);
        assert_eq!(LotScale { exponent: -5 }.price(3, 100), 3_333_333);
        assert_eq!(LotScale { exponent: 2 }.price(3, 1_799), 5);
    }
}
