//! Accounts of the program. Figures of money live in the embedded `breakwater_risk` structs; these types add
//! identity, authority and layout.

pub mod backstop;
pub mod exchange;
pub mod insurance;
pub mod layout;
pub mod macro_index;
pub mod margin_account;
pub mod market;
pub mod params_proposal;
pub mod stake;
pub mod venue;

pub use backstop::*;
pub use exchange::*;
pub use insurance::*;
pub use layout::*;
pub use macro_index::*;
pub use margin_account::*;
pub use market::*;
pub use params_proposal::*;
pub use stake::*;
pub use venue::*;
