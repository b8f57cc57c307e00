use breakwater_risk::MarketParams;
use breakwater_sim::stage::Stage;

#[test]
fn a_trade_settles_on_a_fresh_stage() {
    let mut stage = Stage::new().unwrap();
    let sol = stage.list_market(&MarketParams::SOL, -5).unwrap();
    stage.publish(sol, 200_000_000, 300).map_err(|e| println!("{e}")).unwrap();
    let a = stage.open_trader(100_000_000_000).unwrap();
    let b = stage.open_trader(100_000_000_000).unwrap();
    let mark = stage.market(sol).state.mark;
    println!("mark {mark}");
    let done = stage.trade(sol, a.account, b.account, 10_000_000, mark).map_err(|e| println!("{e}")).unwrap();
    println!("{} {:?}", done.compute_units, stage.account(&a.account).state.legs[0]);
}
