//! Market files: what a market is listed with, as operators write it (TOML).

use breakwater_risk::{MarketParams, ParamIssue};
use serde::{Deserialize, Serialize};

/// A market file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketFile {
    /// Pyth feed id, 64 hexadecimal digits.
    #[serde(with = "hex_feed_id")]
    pub feed_id: [u8; 32],
    /// A lot is 10^this base tokens.
    pub lot_exponent: i8,
    /// Parameters.
    pub params: MarketParams,
}

/// Why a market file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarketFileError {
    /// The text is no market file: the message says where and why.
    #[error("{0}")]
    Syntax(String),
    /// A parameter breaks a bound of the program.
    #[error("{}: {} is not within {} and {}", .0.rule, .0.found, .0.least, .0.most)]
    OutOfBounds(ParamIssue),
}

/// Reads a market file and checks it by the program's own rules. Every parameter must be given.
pub fn parse(text: &str) -> Result<MarketFile, MarketFileError> {
    let file: MarketFile = toml::from_str(text).map_err(|error| MarketFileError::Syntax(error.to_string()))?;
    file.params.validate().map_err(MarketFileError::OutOfBounds)?;
    Ok(file)
}

mod hex_feed_id {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(id: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(id))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut id = [0; 32];
        hex::decode_to_slice(text.trim_start_matches("0x"), &mut id)
            .map_err(|_| D::Error::custom("a feed id has 64 hexadecimal digits"))?;
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOL: &str = include_str!("../../migrations/markets/sol.toml");

    #[test]
    fn the_sol_file_holds_the_starting_values() {
        let file = parse(SOL).unwrap();
        assert_eq!(file.params, MarketParams::SOL);
        assert_eq!(file.lot_exponent, -5);
    }

    #[test]
    fn every_file_that_a_deployment_lists_is_within_bounds_and_of_its_own_feed() {
        let files =
            [SOL, include_str!("../../migrations/markets/btc.toml"), include_str!("../../migrations/markets/eth.toml")];
        let feeds = files.map(|text| parse(text).unwrap().feed_id);
        assert!(feeds[0] != feeds[1] && feeds[1] != feeds[2] && feeds[0] != feeds[2]);
    }

    #[test]
    fn a_file_out_of_bounds_names_the_rule_and_the_figures() {
        let text = SOL.replace("charge_max_ppm = 25_000", "charge_max_ppm = 26_000");
        let error = parse(&text).unwrap_err().to_string();
        assert_eq!(error, "charge_max_ppm over half of maintenance: 26000 is not within 0 and 25000");
    }

    #[test]
    fn a_file_with_a_missing_or_unknown_parameter_is_refused() {
        let missing = SOL.replace("impact_stay_ppm = 420_000\n", "");
        assert!(parse(&missing).unwrap_err().to_string().contains("impact_stay_ppm"));
        let unknown = format!("{SOL}surprise = 1\n");
        assert!(parse(&unknown).unwrap_err().to_string().contains("surprise"));
    }
}
