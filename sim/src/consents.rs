//! Owns what the traders of a replay have agreed to beforehand; the same seed gives the same consents.
//!
//! Assumed: each agrees for himself, whatever the size and side of his position. Who comes later has agreed to nothing.

use anyhow::{ensure, Result};
use rand::Rng;
use rand_chacha::{rand_core::SeedableRng, ChaCha8Rng};

use crate::{inputs::Settings, streams};

/// Share of the traders that are willing, unless the user chooses.
pub const WILLING_SHARE: f64 = 0.25;
/// Share of the traders that have opted in, unless the user chooses.
pub const OPTED_IN_SHARE: f64 = 0.5;
/// What one trader has agreed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// The keepers are his delegate, and may let his account take slices that bring it closer to flat.
    pub willing: bool,
    /// His account is opted in to predictive closes.
    pub opted_in: bool,
}

/// How many agree to what, for people.
pub fn shares_text(settings: &Settings) -> String {
    let Settings { willing_share, opted_in_share, .. } = settings;
    format!(
        "breakwater's accounts: share willing to net {willing_share}, opted in to predictive closes {opted_in_share}"
    )
}

/// Draws the consents of `count` traders, in their order. Errors: a share that is not 0 to 1.
pub fn draw(seed: u64, count: usize, willing_share: f64, opted_in_share: f64) -> Result<Vec<Consent>> {
    for (who, share) in [("willing", willing_share), ("opted-in", opted_in_share)] {
        ensure!((0.0..=1.0).contains(&share), "the share of {who} accounts must be 0 to 1, not {share}");
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(streams::CONSENTS);
    let mut consent =
        || Consent { willing: random.random_bool(willing_share), opted_in: random.random_bool(opted_in_share) };
    Ok((0..count).map(|_| consent()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_who_agrees_to_what_and_shares_how_many() {
        let consents = draw(7, 4_000, WILLING_SHARE, OPTED_IN_SHARE).unwrap();
        assert_eq!(consents, draw(7, 4_000, WILLING_SHARE, OPTED_IN_SHARE).unwrap());
        assert_ne!(consents, draw(8, 4_000, WILLING_SHARE, OPTED_IN_SHARE).unwrap());
        let count = |agrees: fn(&Consent) -> bool| consents.iter().filter(|consent| agrees(consent)).count();
        assert!((900..1_100).contains(&count(|consent| consent.willing)));
        assert!((1_900..2_100).contains(&count(|consent| consent.opted_in)));
        assert!((440..560).contains(&count(|consent| consent.willing && consent.opted_in)));
    }

    #[test]
    fn shares_are_parts_of_one() {
        let all = Consent { willing: true, opted_in: false };
        assert_eq!(draw(7, 3, 1.0, 0.0).unwrap(), [all; 3]);
        let why = |willing, opted_in| draw(7, 3, willing, opted_in).unwrap_err().to_string();
        assert_eq!(why(1.1, 0.0), "the share of willing accounts must be 0 to 1, not 1.1");
        assert_eq!(why(0.0, f64::NAN), "the share of opted-in accounts must be 0 to 1, not NaN");
    }
}
