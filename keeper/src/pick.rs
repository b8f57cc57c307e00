//! Leaves of a plan what this keeper should do now: nothing about what is under way, what is another keeper's first only
//! after a while, and each thing after a short random delay, so that keepers without a common operator collide less.

use crate::config::Partition;
use crate::plan::{Act, Kind};
use anchor_lang::prelude::Pubkey;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// What identifies an act from one plan to the next.
type Identity = (Kind, Pubkey);

/// The choice of acts, and what it remembers.
pub struct Picker {
    partition: Partition,
    max_in_flight: usize,
    /// When each act of the last plan may be done.
    due: HashMap<Identity, Instant>,
    /// What transactions under way are about.
    busy: HashSet<Pubkey>,
    in_flight: usize,
}

impl Picker {
    /// For a place among keepers.
    pub fn new(partition: Partition, max_in_flight: usize) -> Self {
        Self { partition, max_in_flight, due: HashMap::new(), busy: HashSet::new(), in_flight: 0 }
    }

    /// What of a plan to begin now; it counts as under way until [`Picker::release`]. `market_key` gives the address of a
    /// market to be refreshed, since one refresh at a time is enough.
    pub fn pick(&mut self, plan: Vec<Act>, at: Instant, market_key: impl Fn(u16) -> Option<Pubkey>) -> Vec<Act> {
        let mut due = HashMap::with_capacity(plan.len());
        let mut picked = Vec::new();
        for act in plan {
            let identity = (act.kind, act.subject);
            let when = self.due.get(&identity).copied().unwrap_or_else(|| at + self.delay(&act.subject));
            due.insert(identity, when);
            if when > at || self.in_flight >= self.max_in_flight {
                continue;
            }
            let keys = keys_of(&act, &market_key);
            if keys.iter().any(|key| self.busy.contains(key)) {
                continue;
            }
            self.busy.extend(keys);
            self.in_flight += 1;
            picked.push(act);
        }
        // What is no longer in the plan begins anew when it returns.
        self.due = due;
        picked
    }

    /// Forgets an act that was under way; it may be done again after its delay.
    pub fn release(&mut self, act: &Act, market_key: impl Fn(u16) -> Option<Pubkey>) {
        for key in keys_of(act, market_key) {
            self.busy.remove(&key);
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        self.due.remove(&(act.kind, act.subject));
    }

    /// Number of transactions under way.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How long to wait before an act on a subject.
    fn delay(&self, subject: &Pubkey) -> Duration {
        let jitter = Duration::from_millis(rand::random_range(0..=self.partition.jitter_ms));
        if self.is_first_for(subject) {
            jitter
        } else {
            Duration::from_millis(self.partition.takeover_ms) + jitter
        }
    }

    /// Whether a subject is in this keeper's part.
    pub fn is_first_for(&self, subject: &Pubkey) -> bool {
        // Addresses are as good as random already.
        let [a, b, c, d, ..] = subject.to_bytes();
        u32::from_le_bytes([a, b, c, d]) % self.partition.count.max(1) == self.partition.index
    }
}

/// What two acts must not have in common at a time.
fn keys_of(act: &Act, market_key: impl Fn(u16) -> Option<Pubkey>) -> Vec<Pubkey> {
    let refreshed = act.refresh.and_then(market_key);
    let mut keys: Vec<_> = [Some(act.subject), act.taker, refreshed].into_iter().flatten().collect();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKET: Pubkey = Pubkey::new_from_array([9; 32]);

    fn act(kind: Kind, subject: u8, taker: Option<u8>, refresh: Option<u16>) -> Act {
        let key = |byte| Pubkey::new_from_array([byte; 32]);
        let taker = taker.map(key);
        Act { kind, subject: key(subject), taker, refresh, gain_atoms: 0, instructions: Vec::new() }
    }

    fn partition(index: u32, count: u32) -> Partition {
        Partition { index, count, takeover_ms: 1_000, jitter_ms: 0 }
    }

    fn pick(picker: &mut Picker, plan: &[Act], at: Instant) -> Vec<Act> {
        picker.pick(plan.to_vec(), at, |_| Some(MARKET))
    }

    #[test]
    fn nothing_is_begun_twice_and_everything_again_when_it_is_over() {
        let mut picker = Picker::new(partition(0, 1), 8);
        let at = Instant::now();
        let plan = [act(Kind::Flag, 1, None, None)];
        assert_eq!(pick(&mut picker, &plan, at), plan);
        assert!(pick(&mut picker, &plan, at).is_empty(), "under way");
        picker.release(&plan[0], |_| Some(MARKET));
        assert_eq!(pick(&mut picker, &plan, at), plan);
    }

    #[test]
    fn an_account_takes_once_and_a_market_is_refreshed_once_at_a_time() {
        let mut picker = Picker::new(partition(0, 1), 8);
        let plan = [
            act(Kind::Liquidate, 1, Some(7), Some(0)),
            act(Kind::Liquidate, 2, Some(7), None),
            act(Kind::Liquidate, 3, Some(8), Some(0)),
            act(Kind::Liquidate, 4, Some(8), None),
        ];
        let picked = pick(&mut picker, &plan, Instant::now());
        assert_eq!(picked, [plan[0].clone(), plan[3].clone()]);
    }

    #[test]
    fn no_more_are_under_way_than_allowed() {
        let mut picker = Picker::new(partition(0, 1), 1);
        let plan = [act(Kind::Flag, 1, None, None), act(Kind::Flag, 2, None, None)];
        assert_eq!(pick(&mut picker, &plan, Instant::now()).len(), 1);
        assert_eq!(picker.in_flight(), 1);
    }

    #[test]
    fn each_account_is_first_for_one_keeper_and_the_other_follows() {
        let (mut first, mut second) = (Picker::new(partition(0, 2), 8), Picker::new(partition(1, 2), 8));
        let at = Instant::now();
        for subject in 0..=9 {
            let plan = [act(Kind::Flag, subject, None, None)];
            let begun = [&mut first, &mut second].map(|picker| pick(picker, &plan, at).len());
            assert_eq!(begun.iter().sum::<usize>(), 1, "one of them is first");
            let later = at + Duration::from_millis(1_000);
            let after = [&mut first, &mut second].map(|picker| pick(picker, &plan, later).len());
            assert_eq!([begun[0] + after[0], begun[1] + after[1]], [1, 1], "the other follows");
            for picker in [&mut first, &mut second] {
                picker.release(&plan[0], |_| None);
            }
        }
    }
}
