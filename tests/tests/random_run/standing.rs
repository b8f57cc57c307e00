//! What the SDK says about an account against what the program would do: in both directions, with the exact error.

use crate::run::Run;
use breakwater::{BreakwaterError, MarginAccount};
use breakwater_risk::tier::Tier;
use breakwater_risk::{refresh, RiskError};
use breakwater_sdk::actions::{self, Action};
use breakwater_sdk::preview;
use breakwater_tests::acts::{Sight, BACKSTOP};
use breakwater_tests::refusal::{code, code_of};
use rand::seq::IndexedRandom;
use rand::Rng;

impl Run {
    /// Asks the program about some accounts, failing ones first, every action on every market of theirs.
    pub fn compare_standings(&mut self) {
        let (sight, accounts) = self.survey();
        let now = self.world.stage.bank.now();
        let is_failing = |account: &MarginAccount| {
            let used = account.state.legs.iter().filter(|leg| leg.is_used());
            let mut tiers = used.map(|leg| preview::tier(&sight.snapshot, account, leg.market_index, &now));
            tiers.any(|tier| tier.expect("a tier") > Tier::Healthy)
        };
        let (failing, others): (Vec<_>, Vec<_>) = accounts.iter().partition(|(_, account)| is_failing(account));
        let asked = failing.into_iter().take(3).chain(others.into_iter().take(1));
        for (name, account) in asked {
            self.compare_standing(&sight, name, account);
        }
        let backstop = accounts.iter().find(|(name, _)| name == BACKSTOP).expect("the backstop's account");
        if self.rng.random_range(0..4) == 0 {
            self.compare_standing(&sight, &backstop.0, &backstop.1);
        }
    }

    fn compare_standing(&mut self, sight: &Sight, name: &str, account: &MarginAccount) {
        let now = self.world.stage.bank.now();
        let taker = self.any_name_but(name);
        let taker_account = self.world.account(&taker);
        let around = sight.around(Some(&taker_account));
        let standing = actions::standing(&around, account, &now).expect("a standing");
        let mut markets: Vec<u16> =
            account.state.legs.iter().filter(|leg| leg.is_used()).map(|leg| leg.market_index).collect();
        let everywhere: Vec<u16> = self.world.stage.markets.iter().map(|market| market.index).collect();
        markets.extend(everywhere.choose(&mut self.rng)); // one more, where it may have no leg
        markets.sort_unstable();
        markets.dedup();
        // Settling a profit lowers its part of what its market left unfunded: an action that touches a leg may then find its
        // account better than its tier (B-2).
        let is_unfunded = sight.snapshot.iter().any(|view| view.market.state.unfunded_atoms > 0);
        // What cannot be undone is judged by the better of two prices, the tier by the last one (P-24).
        let is_confirmed = sight.snapshot.iter().all(|view| {
            let state = &view.market.state;
            refresh::confirming_price(state, &now) == Ok(state.mark)
        });
        for index in markets {
            let tier = preview::tier(&sight.snapshot, account, index, &now).expect("a tier");
            let has_leg = account.state.find_leg(index).is_some();
            for (action, refusal) in actions::refusals(&around, account, index, &now) {
                let found = self.world.would(action, name, &taker);
                let found = found.err().map(|refused| code_of(&refused).unwrap_or_else(|| panic!("{refused}")));
                let expected = refusal.map(|error| code(BreakwaterError::from(error)));
                assert_eq!(found, expected, "{action:?} on {name} ({tier:?}): the SDK says {refusal:?}");
                assert_eq!(has_leg && found.is_none(), standing.actions.contains(&action), "{action:?} on {name}");
                if !is_unfunded && (!matches!(action, Action::Deleverage(_)) || is_confirmed) {
                    assert_tier_fits(tier, account.state.is_backstop(), action, refusal);
                }
                self.tally.compared(action, found.is_none());
            }
        }
        self.world.would(Action::Settle, name, &taker).expect("an account can always be settled");
        self.tally.compared(Action::Settle, true);
    }
}

/// What the tier promises: nobody is refused for not being as bad as it says, and nothing is done to the healthy. The
/// backstop keeps its positions until it is bankrupt (D-2).
fn assert_tier_fits(tier: Tier, is_backstop: bool, action: Action, refusal: Option<RiskError>) {
    let deleveraged_from = if is_backstop { Tier::Bankrupt } else { Tier::Critical };
    let milder = match action {
        Action::Deleverage(_) if tier >= deleveraged_from => Some(RiskError::NotCritical),
        Action::Liquidate(_) if tier >= Tier::Liquidating => Some(RiskError::Healthy),
        _ => None,
    };
    assert!(milder.is_none() || refusal != milder, "{action:?} in {tier:?}: {refusal:?}");
    let takes_lots = matches!(action, Action::Liquidate(_) | Action::Absorb(_) | Action::Resolve(_));
    assert!(tier > Tier::Healthy || !takes_lots || refusal.is_some(), "{action:?} on a healthy account");
}
