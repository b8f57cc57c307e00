// The text of src/idl.ts. A JSON text is a type literal, too: that is how Anchor makes its types.

import { readFileSync } from "node:fs";
import { convertIdlToCamelCase } from "@anchor-lang/core/dist/cjs/idl.js";

export function typeSource(): string {
  const idl = JSON.parse(readFileSync(new URL("../../../idl/breakwater.json", import.meta.url), "utf8"));
  const literal = JSON.stringify(convertIdlToCamelCase(idl), null, 2);
  return `// Written by \`npm run idl\` from idl/breakwater.json. The names are those of the client, in camel case.\n\nexport type Breakwater = ${literal};\n`;
}
