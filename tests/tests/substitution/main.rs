//! Every account of every instruction, replaced by every wrong one: of another exchange, owner or type, forged, empty, cut,
//! longer, passed twice, swapped, unsigned, not writable, missing; and remaining accounts too many or in another order.
//!
//! `idl/breakwater.json` says what instructions and accounts there are: an instruction without a case fails the test. Each is
//! first shown to succeed. A substitution is refused, and then no account of the scene has changed; or it is one of the rows
//! of `harmless.rs`.

mod attempts;
mod cases;
mod cast;
mod double;
mod enlist;
mod harmless;
mod idl;
mod judge;
mod scene;

use attempts::{Attempt, Bench};
use harmless::HARMLESS;
use idl::Idl;
use judge::Judge;
use scene::Scene;
use std::collections::BTreeSet;

#[test]
fn an_account_in_the_place_of_another_is_refused_by_every_instruction_or_changes_nothing() {
    let (idl, mut scene) = (Idl::read(), Scene::set());
    let cases = scene.cases();
    let covered: BTreeSet<&str> = cases.iter().map(|case| idl.of(&case.data).name.as_str()).collect();
    let all: BTreeSet<&str> = idl.instructions.iter().map(|named| named.name.as_str()).collect();
    assert_eq!(covered, all, "every instruction of the IDL has a case");
    let mut judge = Judge::new(&scene.world.stage.bank, &scene.cast, &cases);
    for right in &cases {
        let named = idl.of(&right.data);
        for (slot, meta) in named.accounts.iter().zip(&right.accounts) {
            let flags = (meta.is_signer, meta.is_writable);
            assert_eq!(flags, (slot.is_signer, slot.is_writable), "{}.{}: builder and IDL", named.name, slot.name);
        }
        let outcome = judge.outcome(&mut scene.world, &scene.cast, &named.name, right);
        let bank = &scene.world.stage.bank;
        let attempts: Vec<Attempt> = Bench::new(&scene.cast, &idl, bank).attempts(right, bank);
        for attempt in &attempts {
            judge.judge(&mut scene.world, &scene.cast, &named.name, attempt, &outcome);
        }
        println!("{}: {} substitutions", named.name, attempts.len());
    }
    let (tried, refused) = judge.tally.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!(
        "{} cases, {tried} substitutions: {refused} refused, {} harmless by a rule, {} by the table",
        cases.len(),
        judge.by_rule,
        judge.by_table
    );
    for (kind, (tried, refused)) in &judge.tally {
        println!("  {kind:?}: {refused} of {tried} refused");
    }
    assert!(judge.findings.is_empty(), "not refused:\n{}", judge.findings.join("\n"));
    let idle: Vec<_> = HARMLESS.iter().filter(|row| !judge.met.contains(row)).collect();
    assert!(idle.is_empty(), "rows of harmless.rs that nothing meets: {idle:#?}");
}
