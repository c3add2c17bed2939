import { expect, it } from "vitest";
import { type Timed, TimeLine } from "./time-line.ts";

function timeLine(kinds: readonly ("video" | "audio")[] = ["video", "audio"]) {
  const frames: Timed[] = [];
  const said: string[] = [];
  const line = new TimeLine<Timed>({
    onFrame: (frame) => frames.push(frame),
    onEpoch: () => said.push("epoch"),
    onJump: (kind) => said.push(`${kind} jumped`),
    onApart: (kind) => said.push(`${kind} apart`),
  });
  line.expect(kinds);
  const push = (kind: "video" | "audio", dts: number, isEntry = true, sizeBytes = 100) =>
    line.push({ kind, dts, pts: dts, nextDts: undefined, isEntry, sizeBytes });
  const placed = () => frames.splice(0).map(({ kind, dts }) => [kind, dts]);
  return { line, push, placed, said };
}

// Audio from before the key frame left video with a hole of up to a whole GOP after a reconnect.
it("begins an epoch at a key frame, with the audio unit that reaches over it", () => {
  const { push, placed } = timeLine();
  push("audio", 1000);
  push("video", 1500, false);
  push("audio", 3000);
  push("audio", 5000);
  expect(placed()).toEqual([]);
  push("video", 6000);
  expect(placed()).toEqual([
    ["audio", 0],
    ["video", 1000],
  ]);
});

it("lets audio go on alone when no key frame comes in ten seconds, and not before", () => {
  const { push, placed } = timeLine();
  push("video", 0, false);
  for (let dts = 0; dts < 900_000; dts += 9000) {
    push("audio", dts);
    push("video", dts + 1, false);
  }
  push("audio", 900_000);
  expect(placed()).toEqual([]);
  push("audio", 900_001);
  expect(placed().length).toBeGreaterThan(0);
});

it("holds a bounded amount, even if time stands still", () => {
  const byCount = timeLine();
  for (let i = 0; i < 999; i++) byCount.push("audio", 0);
  expect(byCount.placed()).toEqual([]);
  byCount.push("audio", 0);
  expect(byCount.placed()).toHaveLength(1000);
  const byBytes = timeLine();
  byBytes.push("video", 0, true, 10_000_000);
  byBytes.push("video", 1, true, 10_000_000);
  expect(byBytes.placed()).toHaveLength(2);
});

// Audio at 44.1 kHz ends between two ticks; video times in fractions were cut off one by one.
it("shifts by whole ticks", () => {
  const { line, push, placed } = timeLine();
  push("video", 0);
  push("audio", 0);
  placed();
  line.reached("video", 3000);
  line.reached("audio", 4179.591);
  line.newEpoch();
  push("video", 0);
  push("audio", 0);
  expect(placed()).toEqual([
    ["video", 4180],
    ["audio", 4180],
  ]);
});

it("says so when a track is left out because its time stamps have nothing to do with the other's", () => {
  const { push, placed, said } = timeLine();
  push("video", 0);
  push("audio", 450_001);
  expect(said).toEqual(["audio apart"]);
  push("audio", 450_000);
  expect(placed()).toHaveLength(2);
});
