import { describe, expect, it } from "vitest";
import type { MediaPacket } from "../container/media-packet.ts";
import type { Packager, PackagerEvent } from "../packager.ts";
import { PackagerRegistry } from "./packager-registry.ts";

/** Tells what it was given, as warnings. */
function packager(name: string): Packager {
  const told = (message: string): PackagerEvent[] => [{ type: "warning", message }];
  return {
    push: (bytes, wallClockMs) =>
      told(`${name} ${Buffer.from(bytes).toString("latin1")} at ${wallClockMs}`),
    discontinuity: () => told(`${name} begins anew`),
    flush: () => told(`${name} ends`),
    ...(name === "other" && { pushPacket: () => told("other packet") }),
  };
}

function registry(): PackagerRegistry {
  const packagers = new PackagerRegistry({
    format: "other",
    accepts: () => true,
    create: () => packager("other"),
  });
  packagers.register({
    format: "FLV",
    accepts: (head) => head.subarray(0, 3).every((byte, at) => byte === Buffer.from("FLV")[at]),
    create: () => packager("FLV"),
  });
  return packagers;
}

const bytes = (text: string) => Buffer.from(text, "latin1");
const lines = (events: readonly PackagerEvent[]) =>
  events.map((event) => (event.type === "warning" ? event.message : event.type));

describe("the packager of an input", () => {
  it("is the one whose format its first bytes are, however they come, with the time of each", () => {
    const chosen = registry().create({ chunkMs: 200 });
    expect(chosen.push(bytes("FL"), 1)).toEqual([]);
    expect(lines(chosen.push(bytes("V45678901234567"), 2))).toEqual([
      "FLV FL at 1",
      "FLV V45678901234567 at 2",
    ]);
    expect(lines(chosen.push(bytes("x"), 3))).toEqual(["FLV x at 3"]);
  });

  it("is the usual one for all else, also for what is too short to tell", () => {
    const chosen = registry().create({ chunkMs: 200 });
    chosen.push(bytes("G..."), 1);
    expect(lines(chosen.discontinuity())).toEqual(["other G... at 1", "other begins anew"]);
    expect(lines(chosen.flush())).toEqual(["other ends"]);
  });

  it("stays for the life of the stream, and says what cannot continue it", () => {
    const packet = {} as MediaPacket;
    const chosen = registry().create({ chunkMs: 200 });
    expect(lines(chosen.pushPacket?.(packet, 1) ?? [])).toEqual(["other packet"]);
    expect(lines(chosen.push(bytes("FLV4567890123456"), 2))).toEqual([
      "other FLV4567890123456 at 2",
    ]);
    const flv = registry().create({ chunkMs: 200 });
    flv.push(bytes("FLV4567890123456"), 1);
    expect(lines(flv.pushPacket?.(packet, 2) ?? [])).toEqual([
      "this stream began as FLV; a file in a container cannot continue it",
    ]);
  });

  it("is nothing before anything came", () => {
    const chosen = registry().create({ chunkMs: 200 });
    expect([...chosen.discontinuity(), ...chosen.flush()]).toEqual([]);
    expect(chosen.hold?.(500, 0)).toEqual([]);
  });

  it("cannot be registered twice", () => {
    const kind = { format: "FLV", accepts: () => true, create: () => packager("FLV") };
    expect(() => registry().register(kind)).toThrow("FLV is there already");
  });
});
