import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clusterOf, readSettings } from "./settings.ts";

const FILE = join(__dirname, "exchange.toml");
const text = readFileSync(FILE, "utf8");

function changed(from: string | RegExp, to: string): string {
  const content = text.replace(from, to);
  assert.notEqual(content, text, `${from} is in the file`);
  const file = join(mkdtempSync(join(tmpdir(), "settings-")), "exchange.toml");
  writeFileSync(file, content);
  return file;
}

test("the settings of a deployment can be read", () => {
  const settings = readSettings(FILE);
  assert.equal(settings.id, 0);
  assert.equal(settings.markets.length, 3);
});

test("a field that is missing, unknown or not what it must be is named", () => {
  const cases: [string | RegExp, string, RegExp][] = [
    ["id = 0", "id = 65536", /id: /],
    ["id = 0", 'id = "0"', /id: /],
    ["id = 0", "", /id: /],
    ["id = 0", "id = 0\nsurprise = 1", /surprise/],
    [/receivers = .*/, "receivers = []", /receivers: /],
    [/receivers = .*/, 'receivers = ["rec2"]', /receivers.0: is no address/],
    [/receivers = \["(.*)"\]/, 'receivers = ["$1", "$1"]', /receivers: names a program twice/],
    ["outflow_limit_ppm = 200_000", "outflow_limit_ppm = -1", /outflow_limit_ppm: /],
    ["outflow_limit_ppm = 200_000", "outflow_limit_ppm = 0.5", /outflow_limit_ppm: /],
    ['outflow_guaranteed = "10000"', 'outflow_guaranteed = "1e4"', /outflow_guaranteed: is no amount/],
    ['market_seed = "1"', "market_seed = 1", /market_seed: /],
    ['market_bond = "1000"', "market_bond = 1000", /market_bond: /],
    [/markets = .*/, "markets = []", /markets: /],
    ["markets/btc.toml", "markets/sol.toml", /markets: names a file twice/],
    ['new_authority = ""', 'new_authority = "me"', /new_authority: /],
    [/devnet = .*/, 'devnet = "create"', /quote_mint.devnet: is no address/],
    [/mainnet = .*/, "", /quote_mint.mainnet: /],
    ["id = 0", "id = ", /exchange.toml: /],
  ];
  for (const [from, to, reason] of cases) {
    assert.throws(() => readSettings(changed(from, to)), reason, `${from} → ${to}`);
  }
  assert.throws(() => readSettings("/nowhere/exchange.toml"), /nowhere/);
});

test("a chain is local only on this machine", () => {
  for (const url of ["http://127.0.0.1:8899", "http://localhost:8899", "http://[::1]:1", "http://127.1.2.3"]) {
    assert.equal(clusterOf("an unknown genesis", url), "localnet");
  }
  for (const url of ["https://api.testnet.solana.com", "http://10.0.0.1:8899", "http://localhost.example.org", "http://127.0.0.1.example.org"]) {
    assert.throws(() => clusterOf("an unknown genesis", url), /genesis hash is an unknown genesis/, url);
  }
  assert.equal(clusterOf("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d", "http://127.0.0.1:8899"), "mainnet");
});
