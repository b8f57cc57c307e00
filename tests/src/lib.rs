//! What the integration tests share: a [`World`] of named actors on the real program, and exact refusals. Set `BREAKWATER_SBF=1` (and `BPF_OUT_DIR`) to run everything on the on-chain binary.

pub mod acts;
pub mod edits;
mod ladder;
pub mod macros;
pub mod other;
mod params;
pub mod pools;
pub mod refusal;
pub mod world;

pub use pools::Pool;
pub use refusal::{assert_refused, assert_refused_with};
pub use world::World;
