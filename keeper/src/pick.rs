//! Leaves of a plan what this keeper should do now: nothing about what is under way, what is another keeper's first only
//! after a while, and each thing after a short random delay, so that keepers without a common operator collide less.

use crate::config::Partition;
use crate::plan::{Act, Kind};
use anchor_lang::prelude::Pubkey;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// Pause after an act that came to nothing, about a slot: it doubles each time the act stays in the plan and comes to nothing again.
const PAUSE: Duration = Duration::from_millis(400);
/// Most doublings: a pause of eight slots.
const DOUBLINGS_MAX: u32 = 3;

/// When an act may be done.
#[derive(Clone, Copy)]
struct Due {
    at: Instant,
    /// How often it came to nothing.
    misses: u32,
}

/// What identifies an act from one plan to the next.
type Identity = (Kind, Pubkey);

/// The choice of acts, and what it remembers.
pub struct Picker {
    partition: Partition,
    max_in_flight: usize,
    /// When each act of the last plan may be done.
    due: HashMap<Identity, Due>,
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
            let known = self.due.get(&identity).copied();
            let known = known.unwrap_or_else(|| Due { at: at + self.delay(&act.subject), misses: 0 });
            due.insert(identity, known);
            if known.at > at || self.in_flight >= self.max_in_flight {
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

    /// Forgets an act that was under way: it may be done again after its delay, and if it came to nothing after a pause, too.
    pub fn release(&mut self, act: &Act, is_done: bool, at: Instant, market_key: impl Fn(u16) -> Option<Pubkey>) {
        for key in keys_of(act, market_key) {
            self.busy.remove(&key);
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        let identity = (act.kind, act.subject);
        let misses = self.due.remove(&identity).map_or(0, |due| due.misses);
        if !is_done {
            let pause = PAUSE * (1 << misses.min(DOUBLINGS_MAX));
            let due = Due { at: at + pause + self.delay(&act.subject), misses: misses.saturating_add(1) };
            self.due.insert(identity, due);
        }
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
        picker.release(&plan[0], true, at, |_| Some(MARKET));
        assert_eq!(pick(&mut picker, &plan, at), plan);
    }

    #[test]
    fn what_comes_to_nothing_is_tried_again_ever_more_rarely_until_it_succeeds_or_leaves_the_plan() {
        let mut picker = Picker::new(partition(0, 1), 8);
        let (mut at, plan) = (Instant::now(), [act(Kind::Flag, 1, None, None)]);
        for slots in [1, 2, 4, 8, 8, 8] {
            assert_eq!(pick(&mut picker, &plan, at), plan);
            picker.release(&plan[0], false, at, |_| None);
            at += PAUSE * slots;
            assert!(pick(&mut picker, &plan, at - Duration::from_millis(1)).is_empty(), "{slots} slots");
        }
        assert_eq!(pick(&mut picker, &plan, at), plan);
        picker.release(&plan[0], true, at, |_| None);
        assert_eq!(pick(&mut picker, &plan, at), plan, "done: at once again");
        picker.release(&plan[0], false, at, |_| None);
        assert!(pick(&mut picker, &[], at).is_empty());
        assert_eq!(pick(&mut picker, &plan, at), plan, "it left the plan and returned");
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
                picker.release(&plan[0], true, later, |_| None);
            }
        }
    }
}
