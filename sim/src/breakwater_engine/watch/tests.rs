use super::*;
use crate::breakwater_engine::model_tests::books_after_a_crash;

/// The market as it is when the guard just holds, with the most unfunded that the envelope allows.
fn at_the_edge(guard: &Guard, envelope: &Envelope, market: &MarketState) -> Option<MarketState> {
    let (side, edge) = match guard {
        Guard::Long { least } => (&market.long, *least),
        Guard::Short { most } => (&market.short, *most),
        Guard::Flat | Guard::Suspect => return None,
    };
    let (distance, index) = (edge - side.cash_index.get(), i128::from(side.size_index));
    let inward = i128::from(matches!(guard, Guard::Long { .. }) && distance.rem_euclid(index) != 0);
    let mark = u64::try_from(distance.div_euclid(index) + inward).ok().filter(|mark| (1..=MAX_PRICE).contains(mark))?;
    Some(MarketState { mark, unfunded_atoms: envelope.worst.unfunded_atoms, ..*market })
}

#[test]
fn at_the_edge_of_its_guard_an_account_has_what_the_worst_market_asks_for() {
    let mut guarded = 0;
    for seed in 0..4 {
        let mut books = books_after_a_crash(seed);
        assert!(books.market.unfunded_atoms > 0 && books.market.short.size_index < books.market.long.size_index);
        let envelope = Envelope::around(&books.market, true);
        assert!(envelope.holds(&books.market));
        let market = books.market;
        for place in 0..books.accounts(Role::Trader).len() {
            let account = books.accounts(Role::Trader)[place];
            let guard = Guard::of(&account, &market, &envelope, &books.now).unwrap();
            let Some(edge) = at_the_edge(&guard, &envelope, &market) else { continue };
            books.market = edge;
            let equity = books.equity(Who::Trader(place)).unwrap();
            let required = envelope.required(&account, &books.now).unwrap();
            assert!(equity >= required, "{guard:?} at {}: {equity} against {required}", edge.mark);
            guarded += 1;
        }
    }
    assert!(guarded > 100, "{guarded}");
}

#[test]
fn an_envelope_ends_where_the_market_may_ask_for_more() {
    let market = books_after_a_crash(1).market;
    let envelope = Envelope::around(&market, false);
    let ends = |change: fn(&mut MarketState)| {
        let mut changed = market;
        change(&mut changed);
        !envelope.holds(&changed)
    };
    assert!(ends(|market| market.mark += market.mark / 32));
    assert!(ends(|market| market.mark -= market.mark / 16));
    assert!(ends(|market| market.maintenance_q32 += market.maintenance_q32 / 32));
    assert!(ends(|market| market.maintenance_q32 = 0));
    assert!(ends(|market| market.depth.inverse_root_slow *= 2));
    assert!(ends(|market| market.depth.inverse_root_slow = 0));
    assert!(ends(|market| market.unfunded_atoms = market.unfunded_atoms * 2 + 1));
    assert!(ends(|market| market.short.generation += 1));
    assert!(ends(|market| market.long.generation += 1));
    assert!(ends(|market| market.short.size_index /= 3));
    assert!(ends(|market| market.long.size_index /= 3));
    assert!(ends(|market| market.publish_time += 3_601));
    assert!(ends(|market| market.params.size_addon_ppm += 1));
}
