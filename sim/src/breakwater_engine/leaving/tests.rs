use super::*;
use crate::{breakwater_engine::model::Model, drought::Drought, inputs::Settings, path::STEP_S, stage::SEED_ATOMS};

/// The books once everybody has left an hour of drought.
fn books_at_rest() -> Books {
    let settings = Settings {
        seed: 7,
        accounts: 12,
        open_interest_usd: 5e6,
        calm_depth_usd: 140_000.0,
        backstop_usd: 4e5,
        insurance_usd: 5e4,
        step_s: STEP_S,
        entrants: 0,
        willing_share: 0.0,
        opted_in_share: 0.0,
    };
    let inputs = Drought { settings, hours: 1 }.inputs().unwrap();
    let (_, rest, books) =
        run_to_rest::<Model>(&inputs, 50_000_000_000, Sight::Suspects, &mut Progress::silent()).unwrap();
    assert_eq!(rest.failures, [""; 0]);
    books
}

#[test]
fn every_check_of_the_rest_fails_on_a_state_that_is_not_at_rest() {
    let rest = books_at_rest();
    assert_eq!((checks::stuck(&rest), checks::unrest(&rest, 0)), (vec![], vec![]));
    let tampered = |tamper: fn(&mut Books)| {
        let mut books = rest.clone();
        tamper(&mut books);
        (checks::stuck(&books), checks::unrest(&books, 0))
    };

    let (stuck, unrest) = tampered(|books| {
        books.market.pool_atoms += 2_000_000;
        books.cash.booked_atoms += 2_000_000;
        books.cash.vault_atoms += 2_000_000;
    });
    let pool_atoms = rest.market.pool_atoms + 2_000_000;
    let trapped = format!("the pool and what is unfunded are {pool_atoms} atoms, seed and claims {SEED_ATOMS}");
    assert_eq!((stuck, unrest), (vec![], vec![trapped]));

    let (_, unrest) = tampered(|books| books.cash.vault_atoms += 1);
    assert_eq!(unrest.len(), 1);
    assert!(unrest[0].contains("atoms in the vault"), "{unrest:?}");

    let (_, unrest) = tampered(|books| books.market.long.open_lots = 1);
    assert_eq!(unrest, ["open at the end: 1 lots long, 0 short, debts of 0 atoms"]);
    assert_eq!(checks::unrest(&rest, 1), ["unpaid at the end: 0 atoms unfunded, 1 atoms of open deficits"]);
}

#[test]
fn a_claim_that_is_left_is_excused_only_if_all_claims_are_unfunded() {
    let mut books = books_at_rest();
    let mut account = *books.account(Who::Trader(0));
    account.legs[0].claim_matured_atoms = 1_000;
    books.put(Who::Trader(0), account);
    books.market.claims_total_atoms = 1_000;
    books.market.unfunded_atoms = 900;
    assert_eq!(checks::stuck(&books), ["Trader(0) is stuck: 0 lots, capital 0, claims 1000, debts 0"]);
    books.market.unfunded_atoms = 1_000;
    assert_eq!(checks::stuck(&books), [""; 0]);
    assert_eq!(checks::unrest(&books, 0), ["unpaid at the end: 1000 atoms unfunded, 0 atoms of open deficits"]);
}
