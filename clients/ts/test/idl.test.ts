import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { typeSource } from "../scripts/typeSource.ts";

test("src/idl.ts is that of idl/breakwater.json", () => {
  const committed = readFileSync(new URL("../src/idl.ts", import.meta.url), "utf8");
  assert.ok(committed === typeSource(), "src/idl.ts is old; run: npm run idl --workspace clients/ts");
});
