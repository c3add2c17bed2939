import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const PAGE = readFileSync(new URL("protocol.md", import.meta.url), "utf8");

function vectors(file: string) {
  return JSON.parse(
    readFileSync(new URL(`../protocol/vectors/${file}.json`, import.meta.url), "utf8"),
  );
}

/** Golden bytes of each table that names its vector: the last column, joined. */
const TABLES = new Map(
  [...PAGE.matchAll(/<!-- vector: (.+?) -->\n((?:\|.*\n)+)/g)].map(([, name = "", table = ""]) => [
    name,
    [...table.matchAll(/\| `([0-9a-f]+)` *\|$/gm)].map(([, hex]) => hex).join(""),
  ]),
);

describe("docs/protocol.md", () => {
  const messages: { name: string; message: { type: string }; hex: string }[] =
    vectors("peer-messages");
  const signatures = vectors("signatures");

  it.each([...TABLES.keys()].filter((name) => name.startsWith("peer-messages/")))(
    "shows the golden bytes of %s",
    (name) => {
      const vector = messages.find((message) => `peer-messages/${message.name}` === name);
      expect(TABLES.get(name)).toBe(vector?.hex);
    },
  );

  it("shows each kind of message", () => {
    const shown = messages.filter(({ name }) => TABLES.has(`peer-messages/${name}`));
    const kinds = (list: typeof messages) => new Set(list.map(({ message }) => message.type));
    expect(kinds(shown)).toEqual(kinds(messages));
  });

  it.each([
    ["signatures/block", signatures.block.hex],
    ["signatures/block.signingInput", signatures.block.signingInput],
    ["signatures/publish.signingInput", signatures.publish.signingInput],
    ["signatures/member.signingInput", signatures.member.signingInput],
    ["bundle", vectors("bundle").hex],
  ])("shows the golden bytes of %s", (name, hex) => {
    expect(TABLES.get(name)).toBe(hex);
  });
});
