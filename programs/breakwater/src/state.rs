//! Accounts of the program. Figures of money live in the embedded `breakwater_risk` structs; these types add
//! identity, authority and layout.

pub mod exchange;
pub mod insurance;
pub mod margin_account;
pub mod market;
pub mod venue;

pub use exchange::*;
pub use insurance::*;
pub use margin_account::*;
pub use market::*;
pub use venue::*;
