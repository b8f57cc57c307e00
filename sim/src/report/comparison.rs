//! Owns the page of a comparison: the overview, the frontier, and folded tables for each scenario.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{
    escaped,
    frontier::{self, Point, CLEAN, INDEBTED},
    panels::Panel,
    PAGE,
};
use crate::compare::{
    figures::{BAD_DEBT, DELEVERAGED, EXTRA_FALL},
    text::{self, Table},
    Comparison, Variant,
};

/// Writes `comparison.html` into the folder and returns its path. `facts`: what all runs have in common, a sentence.
pub fn write(folder: &Path, comparison: &Comparison, variants: &[Variant], facts: &str) -> Result<PathBuf> {
    let file = folder.join("comparison.html");
    fs::write(&file, page(comparison, variants, facts)?).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// The page as HTML.
pub fn page(comparison: &Comparison, variants: &[Variant], facts: &str) -> Result<String> {
    let title = match comparison.scenarios.as_slice() {
        [only] => only.clone(),
        many => format!("{} scenarios", many.len()),
    };
    let legend: String =
        text::legend(comparison, variants).iter().map(|line| format!("<p>{}</p>\n", escaped(line))).collect();
    let folded: String = text::by_rate(comparison).iter().chain(&text::by_scenario(comparison)).map(details).collect();
    Ok(PAGE
        .replace("{{scenario}}", &escaped(&title))
        .replace("{{facts}}", &escaped(facts))
        .replace("{{table}}", &rows_html(&text::overview(comparison)))
        .replace("{{notes}}", &legend)
        .replace("{{panels}}", &frontier_panel(comparison)?.html())
        .replace("{{minutes}}", &folded)
        .replace("{{closing}}", "Breakwater runs as the pure model, which ends where the program ends, to the atom."))
}

/// Means over all runs.
fn frontier_panel(comparison: &Comparison) -> Result<Panel> {
    let points = comparison.variants.iter().enumerate().map(|(place, name)| Point {
        name: name.clone(),
        deleveraged_percent: DELEVERAGED.mean_share(comparison.of_variant(place)) * 100.0,
        extra_fall_bp: -EXTRA_FALL.mean(comparison.of_variant(place)),
        bad_debt_share: BAD_DEBT.mean_share(comparison.of_variant(place)),
    });
    let points: Vec<Point> = points.collect();
    Ok(Panel {
        title: "Frontier".to_owned(),
        reading:
            "What forced closes did to the price against what was closed against the other side, means over all runs. \
                  Down and to the left is better; a point grows with its bad debt, up to 1 % of the open interest.",
        legend: vec![("no bad debt".to_owned(), CLEAN), ("bad debt".to_owned(), INDEBTED)],
        is_wide: true,
        svg: frontier::svg(&points)?,
    })
}

fn details(table: &Table) -> String {
    format!(
        "<details>\n<summary>{}</summary>\n<table>\n{}\n</table>\n</details>\n",
        escaped(&table.title),
        rows_html(table)
    )
}

fn rows_html(table: &Table) -> String {
    let cells = |cells: &[String], tag: &str| -> String {
        cells.iter().map(|cell| format!("<{tag}>{}</{}>", escaped(cell), &tag[..2])).collect()
    };
    let row =
        |row: &Vec<String>| format!("<tr><th scope=\"row\">{}</th>{}</tr>\n", escaped(&row[0]), cells(&row[1..], "td"));
    let rows: String = table.rows.iter().map(row).collect();
    format!(
        "<thead><tr><td>{}</td>{}</tr></thead>\n<tbody>\n{rows}</tbody>",
        escaped(&table.head[0]),
        cells(&table.head[1..], "th scope=\"col\"")
    )
}
