import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import * as zodMini from "zod/mini";
import * as withZod from "#protocol";
import * as small from "./small-zod.ts";

type Schema = { safeParse(value: unknown): { success: boolean; data?: unknown } };

/** Every schema that `#protocol` exports, by name; those in tables one level down. */
function schemasOf(protocol: Record<string, unknown>): Map<string, Schema> {
  const found = new Map<string, Schema>();
  for (const [name, value] of Object.entries(protocol)) {
    if (isSchema(value)) found.set(name, value);
    else if (/Schemas$/.test(name)) {
      for (const [key, entry] of Object.entries(value as object))
        found.set(`${name}.${key}`, entry);
    }
  }
  return found;
}

function isSchema(value: unknown): value is Schema {
  return typeof (value as { safeParse?: unknown } | null)?.safeParse === "function";
}

const peerId = "aaaqeayeaudaocaj";
const streamId = withZod.isStreamId("a".repeat(32)) ? "a".repeat(32) : "";
const descriptor = { body: "{}", signature: "ab".repeat(64) };
const signals = [
  { type: "offer", sdp: "v=0" },
  { type: "candidate", candidate: "c", mid: "0", lineIndex: 0 },
];
/** Pieces of messages, from which the generator builds near misses. */
const pieces = fc.constantFrom<unknown>(
  peerId,
  streamId,
  descriptor,
  descriptor.signature,
  ...signals,
  { peerId, role: "viewer" },
  [{ peerId, role: "seeder" }],
  [{ urls: "stun:x" }],
  "viewer",
  "seeder",
  0,
  1,
  16,
  17,
  1.5,
  -1,
  Number.NaN,
  Number.MAX_SAFE_INTEGER,
  true,
  "",
  null,
  undefined,
  [],
  {},
);
const KEYS = [
  ...["streamId", "peerId", "role", "want", "to", "signal", "descriptor", "proof", "peers", "from"],
  ...[
    "ok",
    "viewers",
    "serverTimeMs",
    "iceServers",
    "type",
    "sdp",
    "candidate",
    "mid",
    "lineIndex",
  ],
  ...["body", "signature", "bytes", "chunks", "blocks", "copy", "seeder", "origin", "control"],
  ...["membership", "membershipKey", "reason", "token", "extra"],
  ...["latencyMs", "stalls", "rejectedBlocks", "iceFailures", ...withZod.ICE_FAILURE_STAGES],
];
const messages = fc.oneof(
  pieces,
  fc.dictionary(fc.constantFrom(...KEYS), pieces, { maxKeys: 8 }),
  fc.anything(),
);

describe("the player's own checks", () => {
  let own: Map<string, Schema>;
  const zod = schemasOf(withZod);

  beforeAll(async () => {
    vi.resetModules();
    vi.doMock("zod/mini", () => small);
    own = schemasOf(await import("#protocol"));
    vi.doUnmock("zod/mini");
  });

  it("have everything the protocol uses", () => {
    const folder = new URL("../../../protocol/src/", import.meta.url);
    const sources = readdirSync(folder).filter((name) => /(?<!\.test)\.ts$/.test(name));
    const used = sources.flatMap((name) => {
      const source = readFileSync(new URL(name, folder), "utf8");
      return [...source.matchAll(/\bz\.(\w+)\(/g)].map(([, used = ""]) => used);
    });
    expect(used.length).toBeGreaterThan(20);
    expect([...new Set(used)].filter((name) => !(name in small))).toEqual([]);
    expect([...own.keys()]).toEqual([...zod.keys()]);
  });

  it.each([...zod.keys()])("say what zod says: %s", (name) => {
    fc.assert(
      fc.property(messages, (message) => {
        const theirs = zod.get(name)?.safeParse(message);
        const ours = own.get(name)?.safeParse(message);
        expect(ours?.success).toBe(theirs?.success);
        expect(ours?.data).toEqual(theirs?.data);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, unknown]>([
    ["announceReplySchema", announceReply()],
    ["announceReplySchema", { ...announceReply(), membership: "ab".repeat(81) }],
    [
      "announceReplySchema",
      {
        ...announceReply(),
        iceServers: [{ urls: ["turn:x"], username: "u", credential: "c", more: 1 }],
      },
    ],
    ["trackerMessageSchemas.relay", { from: { peerId, role: "viewer" }, signal: signals[1] }],
    ["trackerMessageSchemas.introduce", { peers: [{ peerId, role: "seeder" }], more: 1 }],
    ["signedDescriptorSchema", descriptor],
  ])("read what is valid alike: %s", (name, message) => {
    const theirs = zod.get(name)?.safeParse(message);
    expect(theirs?.success).toBe(true);
    expect(own.get(name)?.safeParse(message)).toMatchObject({ success: true, data: theirs?.data });
    // Every part made wrong, one at a time.
    for (const key of Object.keys(message as object)) {
      for (const wrong of [null, 1.5, "x", [], {}, undefined]) {
        const bad = { ...(message as object), [key]: wrong };
        expect(own.get(name)?.safeParse(bad).success).toBe(zod.get(name)?.safeParse(bad).success);
      }
    }
  });
});

describe("a descriptor", () => {
  const vectors = new URL("../../../protocol/vectors/signatures.json", import.meta.url);
  const golden = JSON.parse(JSON.parse(readFileSync(vectors, "utf8")).descriptor.body);
  let parseSmall: typeof withZod.parseDescriptor;

  beforeAll(async () => {
    vi.resetModules();
    vi.doMock("zod/mini", () => small);
    ({ parseDescriptor: parseSmall } = await import("#protocol"));
    vi.doUnmock("zod/mini");
  });

  it("reads alike", () => {
    expect(parseSmall(JSON.stringify(golden))).toEqual(
      withZod.parseDescriptor(JSON.stringify(golden)),
    );
  });

  it("is refused alike, whatever is wrong with it, and the place is named", () => {
    const [track = {}] = golden.tracks;
    const changes = [
      ...Object.keys(golden).map((key) => (wrong: unknown) => ({ ...golden, [key]: wrong })),
      ...Object.keys(track).map((key) => (wrong: unknown) => ({
        ...golden,
        tracks: [{ ...track, [key]: wrong }],
      })),
    ];
    const wrongs = [null, 1.5, -1, 1e12, "x", "x".repeat(300), [], [1], {}, true, undefined];
    for (const change of changes) {
      for (const wrong of wrongs) {
        const body = JSON.stringify(change(wrong));
        expect(placeOf(() => parseSmall(body))).toBe(placeOf(() => withZod.parseDescriptor(body)));
      }
    }
  });

  it("agree on records with some of their keys", () => {
    const of = (z: typeof small) => z.partialRecord(z.enum(["a", "b"]), z.int());
    const [zods, ours] = [of(zodMini as unknown as typeof small), of(small)];
    for (const value of [{}, { a: 1 }, { a: 1, b: 2 }, { c: 1 }, { a: "x" }, [], null, "a"]) {
      const { success, data } = zods.safeParse(value) as ReturnType<Schema["safeParse"]>;
      expect([value, ours.safeParse(value)]).toMatchObject([
        value,
        success ? { success, data } : { success },
      ]);
    }
  });
});

/** What is refused, or that nothing is. */
function placeOf(parse: () => unknown): string {
  try {
    parse();
    return "fine";
  } catch (error) {
    return (error as Error).message.split(": ")[1] ?? "";
  }
}

function announceReply() {
  return {
    ok: true,
    descriptor,
    peers: [{ peerId, role: "viewer" }],
    iceServers: [{ urls: "stun:x" }],
    viewers: 2,
    serverTimeMs: 1.5,
  };
}
