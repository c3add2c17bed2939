#!/usr/bin/env node
// `npm run licenses`: what is installed for production, and under which licence. Ends with 1 where one is
// not known to be permissive.
import { readFileSync } from "node:fs";

/** Their texts ask for no more than a notice. LGPL and MPL would ask for more. */
const PERMISSIVE = new Set([
  ...["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0"],
  ...["CC0-1.0", "Unlicense", "MIT-0", "Python-2.0", "Zlib"],
]);
/** Binds the files it is on and nothing beside them; we use them as they are (node-datachannel). */
const PER_FILE = new Set(["MPL-2.0", "MPL 2.0"]);
/** Packages whose `package.json` does not say it in the usual way: what their LICENSE file says. */
const BY_THEIR_FILE = new Map([["xmlhttprequest-ssl", "MIT"]]);

const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
const rows = Object.entries(lock.packages)
  .filter(([path, { dev, devOptional, peer }]) => path !== "" && !dev && !devOptional && !peer)
  .map(([path, { version, license }]) => {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    return { name, version, license: license ?? BY_THEIR_FILE.get(name) ?? "unknown" };
  })
  .sort((a, b) => a.name.localeCompare(b.name));
for (const { name, version, license } of rows) console.log(`${name} ${version}: ${license}`);

const refused = rows.filter(({ license }) => !isFine(license));
for (const { name, license } of refused) {
  console.error(
    `${name}: ${license} is not on the list of permissive licences in scripts/licenses.mjs`,
  );
}
process.exitCode = refused.length > 0 ? 1 : 0;

/** One of several to choose from is enough; all of several are needed. */
function isFine(license) {
  const plain = license.replaceAll(/[()]/g, "");
  if (plain.includes(" OR ")) return plain.split(" OR ").some(isFine);
  return plain.split(" AND ").every((one) => PERMISSIVE.has(one) || PER_FILE.has(one));
}
