//! Owns what a command prints: tables for people, or one JSON value.

use comfy_table::{presets, CellAlignment, Table};
use serde_json::Value;
use std::io::Write;

/// What a command has to say.
#[derive(Default)]
pub struct Output {
    /// For people, in order.
    pub blocks: Vec<String>,
    /// For programs; the same facts, amounts as integers with their unit in the name.
    pub json: Value,
    /// Whether the exit code tells of a failure although the command did its work.
    pub is_failure: bool,
}

impl Output {
    /// Text and its JSON.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { blocks: vec![text.into()], json, is_failure: false }
    }

    /// Adds a block of text.
    pub fn with(mut self, text: impl ToString) -> Self {
        self.blocks.push(text.to_string());
        self
    }

    /// Prints one of the two. Whoever closed stdout did not want the rest.
    pub fn print(&self, is_json: bool) {
        let text = if is_json { self.json.to_string() } else { self.blocks.join("\n\n") };
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

/// A table of labels and values.
pub fn facts<const N: usize>(facts: [(&str, String); N]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    for (label, value) in facts {
        table.add_row([label, value.as_str()]);
    }
    table
}

/// A table with a header; all columns but the first to the right.
pub fn list(header: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
