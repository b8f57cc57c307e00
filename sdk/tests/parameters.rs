//! The parameters in docs/risk-managers.md are those of the program: names, values for SOL, bounds.

use breakwater_risk::MarketParams;
use std::collections::BTreeMap;

const DOCUMENT: &str = include_str!("../../docs/risk-managers.md");

/// Name, value for SOL and bounds of every parameter, as the page states them.
fn documented() -> BTreeMap<String, [u64; 3]> {
    DOCUMENT.lines().filter_map(|line| parse_row(line.strip_prefix("| `")?)).collect()
}

fn parse_row(row: &str) -> Option<(String, [u64; 3])> {
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    let (least, most) = cells[2].split_once(" … ")?;
    let figure = |text: &str| text.parse().unwrap_or_else(|_| panic!("{row}: {text} is no whole number"));
    Some((cells[0].trim_end_matches('`').to_owned(), [figure(cells[1]), figure(least), figure(most)]))
}

fn values_of(params: &MarketParams) -> BTreeMap<String, u64> {
    let table = toml::Table::try_from(params).expect("parameters are a table");
    let entries = table.into_iter();
    entries.map(|(name, value)| (name, value.as_integer().expect("a whole number") as u64)).collect()
}

/// SOL with one parameter changed.
fn with(name: &str, value: u64) -> Option<MarketParams> {
    let mut table = toml::Table::try_from(MarketParams::SOL).expect("parameters are a table");
    table.insert(name.to_owned(), toml::Value::Integer(i64::try_from(value).ok()?));
    table.try_into().ok()
}

#[test]
fn every_parameter_is_on_the_page_with_its_value_for_sol() {
    let on_page: BTreeMap<String, u64> = documented().into_iter().map(|(name, [sol, ..])| (name, sol)).collect();
    assert_eq!(on_page, values_of(&MarketParams::SOL));
}

#[test]
fn bounds_on_the_page_are_those_of_the_program() {
    for (name, [sol, least, most]) in documented() {
        assert!((least..=most).contains(&sol), "{name}");
        let beyond = with(&name, most + 1).expect("one more than the bound fits its type");
        let issue = beyond.validate().expect_err(&name);
        assert_eq!((issue.rule, issue.least, issue.most), (name.as_str(), least, most));
        if least > 0 {
            let issue = with(&name, least - 1).expect("one less fits").validate().expect_err(&name);
            assert_eq!(issue.rule, name);
        }
    }
}
