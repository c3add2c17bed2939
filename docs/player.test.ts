import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PlayerEvents } from "../web/src/player/player-events.ts";
import { SETTING_NAMES, SETTINGS } from "../web/src/player/settings/player-settings.ts";

const PAGE = readFileSync(new URL("player.md", import.meta.url), "utf8");
const FOLDER = new URL("../web/src/player/", import.meta.url);
const SOURCES = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((name) => /(?<!\.test)\.ts$/.test(name))
  .map((name) => readFileSync(new URL(name, FOLDER), "utf8"))
  .join("\n");

/** Every event, with the compiler's word that none is missing. */
const EVENTS: Record<keyof PlayerEvents, true> = {
  live: true,
  stall: true,
  latencychange: true,
  renditionchange: true,
  unsupportedcodec: true,
  timedmetadata: true,
  statechange: true,
  peerconnect: true,
  peerdisconnect: true,
  beforep2p: true,
  p2pchange: true,
  mesherror: true,
};

function section(title: string): string {
  return PAGE.split(/^## /m).find((part) => part.startsWith(title)) ?? "";
}

function tableOf(title: string): Map<string, string[]> {
  const rows = section(title).matchAll(/^\| `([\w-]+)` +\| (.+) \|$/gm);
  return new Map([...rows].map(([, name = "", rest = ""]) => [name, rest.split(" | ")]));
}

describe("docs/player.md", () => {
  it.each(SETTING_NAMES)("says what %s allows, and its default", (name) => {
    const [values = "", fallback = ""] = tableOf("Attributes").get(name) ?? [];
    const { allowed, fallback: known } = SETTINGS[name];
    expect(
      values
        .replaceAll("`", "")
        .trim()
        .replace(/, or |, | or /g, "/"),
    ).toBe(allowed.replace(/, or |, | or /g, "/"));
    const shown = known === Number.POSITIVE_INFINITY ? "no limit" : String(known);
    expect(fallback.replaceAll("`", "").trim()).toBe(shown);
  });

  it("has every attribute the element watches", () => {
    const list = SOURCES.match(/observedAttributes = \[([^\]]*)\]/)?.[1] ?? "";
    const watched = [...list.matchAll(/"([\w-]+)"/g)].map(([, name = ""]) => name);
    expect(watched).toContain("src");
    const documented = [...tableOf("Attributes").keys()];
    expect(documented).toEqual(expect.arrayContaining([...watched, ...SETTING_NAMES]));
  });

  it("has every event, and no other", () => {
    expect([...tableOf("Events").keys()].sort()).toEqual(Object.keys(EVENTS).sort());
  });

  it("has every part and every style property", () => {
    const look = section("Look");
    const parts = [...SOURCES.matchAll(/ part="([\w-]+)"/g)].map(([, name]) => `\`${name}\``);
    const properties = [...SOURCES.matchAll(/var\((--livemesh-[\w-]+)/g)].map(
      ([, name]) => `\`${name}\``,
    );
    expect(parts.length).toBeGreaterThan(10);
    for (const name of [...parts, ...properties]) expect(look).toContain(name);
  });
});
