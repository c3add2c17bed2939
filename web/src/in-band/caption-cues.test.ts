import { describe, expect, it } from "vitest";
import { CaptionCues, type CueTrack } from "./caption-cues.ts";

type TestCue = { startTime: number; endTime: number; text: string };

function setUp() {
  const cues: TestCue[] = [];
  const track = {
    cues,
    addCue: (cue: TestCue) => cues.push(cue),
    removeCue: (cue: TestCue) => cues.splice(cues.indexOf(cue), 1),
  };
  const shown = new CaptionCues(
    () => track as unknown as CueTrack,
    (startTime, endTime, text) => ({ startTime, endTime, text }),
  );
  const show = (startSec: number, endSec: number, text: string) =>
    shown.show({ channel: "CC1", startSec, endSec, text });
  return { cues, shown, show };
}

describe("captions told piece by piece", () => {
  it("are one cue while the text stays", () => {
    const { cues, show } = setUp();
    show(1, 1.2, "HELLO");
    show(1, 1.4, "HELLO");
    show(1.4, 1.6, "HELLO");
    expect(cues).toEqual([{ startTime: 1, endTime: 1.6, text: "HELLO" }]);
  });

  it("follow each other where the text changes, though both began at the same time", () => {
    const { cues, show } = setUp();
    show(1, 1.2, "HEL");
    show(1, 1.4, "HELLO");
    expect(cues).toEqual([
      { startTime: 1, endTime: 1.2, text: "HEL" },
      { startTime: 1.2, endTime: 1.4, text: "HELLO" },
    ]);
  });

  it("are another cue after a pause, and nothing when they have no length", () => {
    const { cues, show } = setUp();
    show(1, 1.2, "HELLO");
    show(3, 3.2, "HELLO");
    show(3.2, 3.2, "?");
    expect(cues.map(({ startTime }) => startTime)).toEqual([1, 3]);
  });

  it("are forgotten when times begin anew, and are no more than 200", () => {
    const { cues, show, shown } = setUp();
    for (let i = 0; i < 300; i++) show(i, i + 0.5, `${i}`);
    expect(cues).toHaveLength(200);
    expect(cues[0]?.text).toBe("100");
    shown.clear();
    expect(cues).toEqual([]);
    show(0, 0.2, "AGAIN");
    expect(cues).toEqual([{ startTime: 0, endTime: 0.2, text: "AGAIN" }]);
  });
});
