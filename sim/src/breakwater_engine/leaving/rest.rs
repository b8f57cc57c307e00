//! Owns what a run in which everybody leaves ends with.

/// What is left once everybody has left, or could not. Money in atoms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// Seconds of calm that it took, without the cooldown of the pools.
    pub seconds: u64,
    /// Accounts that there were, keepers and makers included.
    pub accounts: usize,
    /// Fills between those who left.
    pub fills: u64,
    /// Purchases from the backstop.
    pub purchases: u64,
    /// Positions closed since nobody stood against them any more.
    pub remnants: u64,
    /// Withdrawn by traders.
    pub traders_withdrew_atoms: u64,
    /// Withdrawn by keepers and makers.
    pub others_withdrew_atoms: u64,
    /// What the backstop's staker asked for at its worth of that moment, and was paid.
    pub backstop_atoms: (u64, u64),
    /// The same for the staker of the insurance fund.
    pub insurance_atoms: (u64, u64),
    /// Losses that nobody has paid yet: they stand against claims that cannot be converted.
    pub unfunded_atoms: u64,
    /// Claims left on the market.
    pub claims_atoms: u64,
    /// Booked in the exchange, and in its vault.
    pub booked_and_vault_atoms: (u64, u64),
    /// In the pool of the market, accrued or collected as fees, and in the two funds.
    pub explained_atoms: u64,
    /// Everything that is not as it should be, a sentence each; empty if nobody is stuck.
    pub failures: Vec<String>,
}
