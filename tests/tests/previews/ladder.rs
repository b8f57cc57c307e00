//! What the SDK says of the ladder, side by side with what its cranks do.

use crate::compare::Before;
use crate::states::States;
use breakwater_sdk::ladder;

pub fn touch(states: &mut States, name: &'static str, before: &Before) {
    let expected = ladder::touch(&before.snapshot, before.index(), &before.account, &before.now);
    let sent = states.world.touch(&before.name, before.market);
    let Some(registration) = states.agree(name, expected, sent) else { return };
    let account = states.world.account(&before.name);
    let Some(slot) = account.state.find_leg(before.index()) else {
        assert_eq!(registration, None, "a leg that is freed stands nowhere");
        return;
    };
    let leg = &account.state.legs[slot];
    assert_eq!(registration.is_some(), leg.lots != 0);
    let stands = registration.map_or((0, 0), |registration| (registration.bucket, registration.atoms));
    assert_eq!((leg.ladder_bucket, leg.ladder_atoms), stands);
    let snapshot = states.world.stage.snapshot();
    assert_eq!(ladder::is_off(&snapshot, before.index(), &account, &before.now), Ok(false));
}

pub fn measure_cascade(states: &mut States, name: &'static str, before: &Before) {
    let expected = ladder::measure_cascade(&before.snapshot, before.index(), &before.now);
    let sent = states.world.measure_cascade(before.market);
    let Some(report) = states.agree(name, expected, sent) else { return };
    let view = ladder::view(&states.world.stage.snapshot(), before.index()).expect("a market");
    assert_eq!((view.long_ratio_ppm, view.short_ratio_ppm), (report.long_ratio_ppm, report.short_ratio_ppm));
    assert_eq!(view.measured_slot, before.now.slot);
    let mark = before.state(before.market).mark;
    for (triggers, stored) in [(&view.long, 0), (&view.short, 1)] {
        let listed: u64 = triggers.iter().map(|trigger| trigger.atoms).sum();
        assert!(listed <= states.world.ladder(before.market)[stored].iter().sum());
        for trigger in triggers {
            assert!(trigger.from_price < trigger.to_price);
            let is_at_the_mark = (trigger.from_price..trigger.to_price).contains(&mark);
            assert_eq!(is_at_the_mark, trigger.steps == 0, "{trigger:?} at {mark}");
        }
    }
}
