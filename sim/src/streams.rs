//! Owns the streams of random numbers, so that choices of one seed never share numbers. The population has stream 0.

/// Who comes in the course of a replay.
pub const ENTRANTS: u64 = 1;
/// What accounts have agreed to.
pub const CONSENTS: u64 = 2;
/// Path of a drought.
pub const DROUGHT_PATH: u64 = 3;
/// Confidence in a drought.
pub const DROUGHT_CONFIDENCE: u64 = 4;
/// Sets of parameters that a search draws.
pub const SEARCH: u64 = 5;
