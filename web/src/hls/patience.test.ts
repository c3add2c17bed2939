import { describe, expect, it } from "vitest";
import { patienceMs } from "./patience.ts";

const asked = { isMeshRunning: true, waitedMs: 0 };
const soon = { sourceTimeMs: 10_000, isPast: false };

describe("how long a player waits for the mesh", () => {
  it("until what it needs to append in time", () => {
    expect(patienceMs({ ...asked, estimate: soon, playheadSourceMs: 8500 })).toBe(1250);
    expect(patienceMs({ ...asked, estimate: soon, playheadSourceMs: 9749 })).toBe(1);
    expect(patienceMs({ ...asked, estimate: soon, playheadSourceMs: 9751 })).toBe(0);
  });

  it("not at all for what is older than anything the mesh brought", () => {
    const past = { sourceTimeMs: 10_000, isPast: true };
    expect(patienceMs({ ...asked, estimate: past, playheadSourceMs: 8500 })).toBe(0);
  });

  it("shortly while nothing plays, and for the first news of the stream", () => {
    const starting = { ...asked, playheadSourceMs: undefined };
    expect(patienceMs({ ...starting, estimate: soon })).toBe(400);
    expect(patienceMs({ ...starting, estimate: soon, waitedMs: 150 })).toBe(250);
    expect(patienceMs({ ...starting, estimate: undefined })).toBe(800);
    expect(patienceMs({ ...starting, estimate: soon, isMeshRunning: false })).toBe(800);
    expect(patienceMs({ ...starting, estimate: soon, waitedMs: 500 })).toBe(0);
  });

  it("never longer than a player waits for an answer", () => {
    const far = { ...asked, estimate: soon, playheadSourceMs: 1 };
    expect(patienceMs(far)).toBe(4000);
    expect(patienceMs({ ...far, waitedMs: 3900 })).toBe(100);
  });
});
