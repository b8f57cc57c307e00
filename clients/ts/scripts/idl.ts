// Writes src/idl.ts, the type of the program's interface, from idl/breakwater.json: `npm run idl`.

import { writeFileSync } from "node:fs";
import { typeSource } from "./typeSource.ts";

writeFileSync(new URL("../src/idl.ts", import.meta.url), typeSource());
