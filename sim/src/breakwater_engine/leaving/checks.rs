//! Owns what must be true once everybody has left; what is not becomes a sentence each.

use crate::{
    breakwater_engine::books::{Books, Role, Who},
    stage::SEED_ATOMS,
};

/// Most that rounding may leave in the pool of the market, atoms: a dollar. Every settlement leaves an atom or so; a day of a
/// hundred accounts some cents.
const DUST_ATOMS: u64 = 1_000_000;

/// Everybody but the backstop.
pub fn holders(books: &Books) -> Vec<Who> {
    let of = |role, who: fn(usize) -> Who| (0..books.accounts(role).len()).map(who);
    let traders_and_keepers = of(Role::Trader, Who::Trader).chain(of(Role::Keeper, Who::Keeper));
    traders_and_keepers.chain(of(Role::Maker, Who::Maker)).collect()
}

/// Who has something in the market: lots, claims or debts.
pub fn engaged(books: &Books) -> Vec<Who> {
    let backstop = books.backstop.iter().map(|_| Who::Backstop);
    let is_engaged = |who: &Who| books.account(*who).legs.iter().any(|leg| leg.is_used());
    holders(books).into_iter().chain(backstop).filter(is_engaged).collect()
}

/// Who could not leave. A claim is excused only if all claims together are no more than what nobody has paid yet: then there is
/// nothing that they could be converted from, which is a failure of its own.
pub fn stuck(books: &Books) -> Vec<String> {
    let market = &books.market;
    let rounding_atoms = holders(books).len() as u64;
    let are_claims_excused = market.claims_total_atoms <= market.unfunded_atoms + rounding_atoms;
    let mut everybody = holders(books);
    everybody.extend(books.backstop.map(|_| Who::Backstop));
    let of = |who: Who| {
        let (account, lots) = (books.account(who), books.lots(who));
        let claims = account.legs.iter();
        let claims: u64 =
            claims.map(|leg| leg.claim_fresh_atoms + leg.claim_maturing_atoms + leg.claim_matured_atoms).sum();
        let debts: u64 = account.legs.iter().map(|leg| leg.debt_atoms).sum();
        let has_cash = account.capital_atoms > 0 && who != Who::Backstop;
        let is_stuck = lots != 0 || debts > 0 || has_cash || (claims > 0 && !are_claims_excused);
        let capital = account.capital_atoms;
        is_stuck.then(|| format!("{who:?} is stuck: {lots} lots, capital {capital}, claims {claims}, debts {debts}"))
    };
    everybody.into_iter().filter_map(of).collect()
}

/// What is open, unpaid, trapped or unexplained. `open_deficits_atoms`: of accounts that nobody has resolved.
pub fn unrest(books: &Books, open_deficits_atoms: u64) -> Vec<String> {
    let (market, cash) = (&books.market, books.cash);
    let mut sentences = Vec::new();
    let open = (market.long.open_lots, market.short.open_lots, market.debts_total_atoms);
    if open != (0, 0, 0) {
        sentences.push(format!("open at the end: {} lots long, {} short, debts of {} atoms", open.0, open.1, open.2));
    }
    let unfunded_atoms = market.unfunded_atoms;
    if unfunded_atoms + open_deficits_atoms > 0 {
        sentences.push(format!(
            "unpaid at the end: {unfunded_atoms} atoms unfunded, {open_deficits_atoms} atoms of open deficits"
        ));
    }
    let (backing, due) = (market.pool_atoms + unfunded_atoms, SEED_ATOMS + market.claims_total_atoms);
    if backing.abs_diff(due) > DUST_ATOMS {
        sentences.push(format!("the pool and what is unfunded are {backing} atoms, seed and claims {due}"));
    }
    let (booked, vault, explained) = (cash.booked_atoms, cash.vault_atoms, explained_atoms(books));
    if booked != vault || booked != explained {
        sentences.push(format!("{vault} atoms in the vault, {booked} booked, {explained} explained"));
    }
    sentences
}

/// In the pool and the reserve of the market, accrued or collected as fees, in the two funds, and in accounts.
fn explained_atoms(books: &Books) -> u64 {
    let market = &books.market;
    let kept: u64 = holders(books).iter().map(|who| books.account(*who).capital_atoms).sum();
    market.pool_atoms
        + market.reserve_atoms
        + market.fees_accrued_atoms
        + market.insurance_accrued_atoms
        + books.cash.fees_atoms
        + books.backstop.map_or(0, |backstop| backstop.account.capital_atoms)
        + books.fund.balance_atoms
        + kept
}
