//! `breakwater market show`.

use super::market::coverage_ppm;
use crate::context::Context;
use crate::output::{facts, list, Output};
use crate::units::{base, percent};
use anyhow::{Context as _, Result};
use breakwater_risk::depth::{depth_per_unit, flow_capacity};
use breakwater_risk::flow::{available, FlowDirection};
use breakwater_risk::margin::maintenance_rate_ppm;
use breakwater_sdk::ladder::{self, Trigger};
use serde_json::json;

/// Rungs of a side that are shown.
const RUNGS: usize = 8;

/// Runs it.
pub async fn run(context: &Context, index: u16) -> Result<Output> {
    let view = context.view().await?;
    let units = context.units(&view);
    let found = view.snapshot.get(index).with_context(|| format!("there is no market {index}"))?;
    let (market, now) = (&found.market, &view.now);
    let (state, lot) = (&market.state, market.lot_exponent);
    let age_s = now.unix_timestamp.saturating_sub(state.publish_time);
    let refused = |error| anyhow::anyhow!("{error:?}");
    let depth_atoms = depth_per_unit(state, now).map_err(refused)?;
    let capacity_atoms = flow_capacity(state, now);
    let sell_atoms = available(state, FlowDirection::Sell, now).map_err(refused)?;
    let buy_atoms = available(state, FlowDirection::Buy, now).map_err(refused)?;
    let maintenance_ppm = maintenance_rate_ppm(state, 0).map_err(refused)?;
    let coverage_ppm = coverage_ppm(state)?;
    let rungs = ladder::view(&view.snapshot, index)?;
    let is_open = found.is_breaker_open(now);
    let young_s = state.draws_from.saturating_sub(now.unix_timestamp);
    let draws = if young_s > 0 { format!("in {young_s} s") } else { "yes".to_owned() };
    let open = |lots: u64| base(i64::try_from(lots).unwrap_or(i64::MAX), lot);
    let text = facts([
        ("market", format!("{index}  ({})", found.key)),
        ("feed", hex::encode(market.feed_id)),
        ("mark", format!("{}  ± {}, {age_s} s old", units.price(state.mark, lot), units.price(state.confidence, lot))),
        (
            "volatility",
            format!(
                "{} per √s now, {} calm",
                percent(state.statistics.sigma_now_ppm),
                percent(state.params.sigma_ref_ppm)
            ),
        ),
        ("open interest", format!("{} long, {} short", open(state.long.open_lots), open(state.short.open_lots))),
        ("maintenance rate", percent(maintenance_ppm)),
        (
            "depth at 10 bp",
            format!(
                "{} now, {} mean of a day",
                units.quote(state.depth.depth_atoms),
                units.quote(state.depth.depth_slow_atoms)
            ),
        ),
        (
            "flow capacity",
            format!(
                "{}; left {} to sell, {} to buy",
                units.quote(capacity_atoms),
                units.quote(sell_atoms),
                units.quote(buy_atoms)
            ),
        ),
        ("cascade ratio", format!("{} long, {} short", percent(rungs.long_ratio_ppm), percent(rungs.short_ratio_ppm))),
        (
            "breaker",
            if is_open { format!("open until slot {}", state.breaker.open_until_slot) } else { "closed".to_owned() },
        ),
        ("macro stress", percent(i128::from(state.macro_view.factor_ppm()))),
        ("pool", units.quote(state.pool_atoms)),
        (
            "claims, debts",
            format!("{}, {}", units.quote(state.claims_total_atoms), units.quote(state.debts_total_atoms)),
        ),
        ("coverage of claims", percent(coverage_ppm)),
        ("unfunded", units.quote(state.unfunded_atoms)),
        ("reserve", format!("{} of a bond of {}", units.quote(state.reserve_atoms), units.quote(state.bond_atoms))),
        ("may draw on the pools", draws),
        (
            "accrued",
            format!(
                "{} fees, {} insurance",
                units.quote(state.fees_accrued_atoms),
                units.quote(state.insurance_accrued_atoms)
            ),
        ),
    ]);
    let json = json!({
        "market": index, "address": found.key.to_string(), "feed_id": hex::encode(market.feed_id),
        "lot_exponent": lot, "mark": state.mark, "confidence": state.confidence, "age_s": age_s,
        "sigma_now_ppm": state.statistics.sigma_now_ppm, "long_lots": state.long.open_lots,
        "short_lots": state.short.open_lots, "maintenance_ppm": maintenance_ppm, "depth_atoms": state.depth.depth_atoms,
        "depth_per_unit_atoms": depth_atoms, "depth_slow_atoms": state.depth.depth_slow_atoms,
        "flow_capacity_atoms": capacity_atoms, "flow_sell_atoms": sell_atoms, "flow_buy_atoms": buy_atoms,
        "long_ratio_ppm": rungs.long_ratio_ppm, "short_ratio_ppm": rungs.short_ratio_ppm, "is_breaker_open": is_open,
        "macro_stress_ppm": state.macro_view.factor_ppm(), "pool_atoms": state.pool_atoms,
        "claims_atoms": state.claims_total_atoms, "debts_atoms": state.debts_total_atoms, "coverage_ppm": coverage_ppm,
        "unfunded_atoms": state.unfunded_atoms, "reserve_atoms": state.reserve_atoms, "bond_atoms": state.bond_atoms,
        "draws_from": state.draws_from, "params": state.params,
    });
    let rows = |side: &str, triggers: &[Trigger]| -> Vec<Vec<String>> {
        let row = |rung: &Trigger| {
            vec![
                side.to_owned(),
                units.price(rung.from_price, lot),
                units.price(rung.to_price, lot),
                units.quote(rung.atoms),
            ]
        };
        triggers.iter().take(RUNGS).map(row).collect()
    };
    let rows = [rows("long", &rungs.long), rows("short", &rungs.short)].concat();
    let output = Output::new(text.to_string(), json);
    Ok(if rows.is_empty() { output } else { output.with(list(&["would be forced", "from", "to", "notional"], rows)) })
}
