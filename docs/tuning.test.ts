import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEFAULT_MESH_OPTIONS } from "#mesh";
import { DEFAULT_INGEST_LIMITS } from "../ingest/src/limits.ts";
import { DEFAULT_REGISTRY_LIMITS, DEFAULT_SOCKET_LIMITS } from "../signaling/src/limits.ts";
import { DEFAULT_RENDITION_OPTIONS } from "../web/src/renditions/rendition-rule.ts";
import { DEFAULT_LATENCY_OPTIONS } from "../web/src/sink/latency-controller.ts";

const PAGE = readFileSync(new URL("tuning.md", import.meta.url), "utf8");

/** Name and default of each row of a section's table, `| `name` | unit | 1,000 | …`. */
function tableOf(section: string): Record<string, number> {
  const text = PAGE.split(/^## /m).find((part) => part.includes(section)) ?? "";
  const rows = text.matchAll(/^\| `(\w+)` +\| [^|]+ \| ([\d.,]+) +\|/gm);
  return Object.fromEntries(
    [...rows].map(([, name, value = ""]) => [name, Number(value.replaceAll(",", ""))]),
  );
}

describe("docs/tuning.md lists every option with its default", () => {
  it.each([
    ["`MeshOptions`", DEFAULT_MESH_OPTIONS],
    ["`LatencyOptions`", DEFAULT_LATENCY_OPTIONS],
    ["`RenditionOptions`", DEFAULT_RENDITION_OPTIONS],
    ["`IngestLimits`", DEFAULT_INGEST_LIMITS],
    ["`RegistryLimits`", { ...DEFAULT_REGISTRY_LIMITS, ...DEFAULT_SOCKET_LIMITS }],
  ])("of %s", (section, defaults) => {
    expect(tableOf(section)).toEqual(defaults);
  });
});
