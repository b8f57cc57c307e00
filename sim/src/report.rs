//! Owns the HTML report: one self-contained file with the sums and the plots, for light and dark screens.

mod axis;
mod by_minute;
mod chart;
pub mod comparison;
mod frontier;
mod heat_map;
mod panels;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    consents,
    format::usd,
    inputs::Inputs,
    outcome::{Outcome, Summary},
    table, utc,
};

const PAGE: &str = include_str!("report/page.html");
/// What the page of a replay ends with.
const CLOSING: &str =
    "Every engine is given the same accounts, path, depth and insurance. The backstop’s capital is used where the rules have a \
     use for it: by breakwater, hyperliquid and synthetix; generation 1, dydx and drift have none. What accounts agree to \
     beforehand is for breakwater alone.";

/// Makes the folder that the report goes to, before a long run rather than after it.
pub fn make_folder(folder: &Path) -> Result<&Path> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    Ok(folder)
}

/// Writes `report.html` into the folder and returns its path.
pub fn write(folder: &Path, inputs: &Inputs, outcomes: &[Outcome]) -> Result<PathBuf> {
    let file = folder.join("report.html");
    fs::write(&file, page(inputs, outcomes)?).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// The report as HTML.
pub fn page(inputs: &Inputs, outcomes: &[Outcome]) -> Result<String> {
    let summaries: Vec<&Summary> = outcomes.iter().map(|outcome| &outcome.summary).collect();
    let panels: Vec<String> = panels::all(inputs, outcomes)?.iter().map(panels::Panel::html).collect();
    Ok(PAGE
        .replace("{{scenario}}", &escaped(&inputs.scenario.name))
        .replace("{{facts}}", &escaped(&facts(inputs)))
        .replace("{{table}}", &table_html(&summaries))
        .replace("{{notes}}", &notes_html(outcomes))
        .replace("{{panels}}", &panels.concat())
        .replace("{{minutes}}", &by_minute::html(inputs, outcomes))
        .replace("{{closing}}", CLOSING))
}

fn facts(inputs: &Inputs) -> String {
    let Inputs { scenario, settings, .. } = inputs;
    format!(
        "{} to {} · {} accounts · open interest {} a side · calm depth {} at 10 bp · backstop {} · insurance {} · \
         a price every {} s · seed {} · {}",
        utc::date_time(scenario.start_unix_s()),
        utc::date_time(scenario.end_unix_s()),
        settings.accounts,
        usd(settings.open_interest_usd),
        usd(settings.calm_depth_usd),
        usd(settings.backstop_usd),
        usd(settings.insurance_usd),
        settings.step_s,
        settings.seed,
        consents::shares_text(settings),
    )
}

fn table_html(summaries: &[&Summary]) -> String {
    let cells = |values: &[String]| -> String {
        let cell = |value: &String| format!("<td>{}</td>", escaped(value));
        values.iter().map(cell).collect()
    };
    let engines: String =
        summaries.iter().map(|summary| format!("<th scope=\"col\">{}</th>", escaped(&summary.engine))).collect();
    let rows: String = table::lines(summaries)
        .iter()
        .map(|line| {
            format!(
                "<tr><th scope=\"row\">{}<small>{}</small></th>{}</tr>\n",
                line.label,
                line.meaning,
                cells(&line.values)
            )
        })
        .collect();
    format!("<thead><tr><td></td>{engines}</tr></thead>\n<tbody>\n{rows}</tbody>")
}

fn notes_html(outcomes: &[Outcome]) -> String {
    let lines = outcomes.iter().flat_map(|outcome| {
        let engine = &outcome.summary.engine;
        outcome.notes.iter().map(move |note| format!("<p>{}: {}</p>\n", escaped(engine), escaped(note)))
    });
    lines.collect()
}

/// Text made safe to stand in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        consents::{OPTED_IN_SHARE, WILLING_SHARE},
        engines,
        inputs::Settings,
        path,
        progress::Progress,
        scenario::Scenario,
    };

    #[test]
    fn the_report_is_one_self_contained_file() {
        let mut scenario = Scenario::sol_2025_10_10().unwrap();
        scenario.name = "<b>a & b".to_owned();
        let settings = Settings {
            seed: 7,
            accounts: 20,
            open_interest_usd: 1e6,
            calm_depth_usd: 840_000.0,
            backstop_usd: 8e4,
            insurance_usd: 1e4,
            step_s: path::STEP_S,
            entrants: 0,
            willing_share: WILLING_SHARE,
            opted_in_share: OPTED_IN_SHARE,
        };
        let inputs = Inputs::new(scenario, settings).unwrap();
        let outcomes =
            engines::baselines().iter().map(|engine| (engine.run)(&inputs, &mut Progress::silent()).unwrap());
        let outcomes: Vec<Outcome> = outcomes.collect();
        let page = page(&inputs, &outcomes).unwrap();
        assert!(page.contains("&lt;b&gt;a &amp; b"));
        assert!(!page.contains("{{"));
        assert!(page.matches("<svg").count() >= 7);
        for outside in ["<script", "<link", "src=", "href=", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.len() < 1_000_000);
    }
}
