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
    /// What the backstop's staker got.
    pub backstop: Redeemed,
    /// What the staker of the insurance fund got.
    pub insurance: Redeemed,
    /// Losses that nobody has paid: they stand against claims that cannot be converted.
    pub unfunded_atoms: u64,
    /// In the vault.
    pub vault_atoms: u64,
    /// Everything that is not as it should be, a sentence each; empty if nobody is stuck.
    pub failures: Vec<String>,
}

/// A stake that was asked back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redeemed {
    /// Its worth at that moment.
    pub worth_atoms: u64,
    /// What was paid.
    pub paid_atoms: u64,
}
