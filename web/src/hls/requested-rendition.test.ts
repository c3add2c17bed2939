import { expect, it, vi } from "vitest";
import { testDescriptor, testTrack } from "../testing/test-media.ts";
import { RequestedRendition } from "./requested-rendition.ts";

const stream = testDescriptor(
  testTrack({ id: "v0", bitrateBps: 2_500_000 }),
  testTrack({ id: "v1", bitrateBps: 700_000 }),
  testTrack({ id: "a0", kind: "audio", codec: "mp4a.40.2" }),
);

it("is what players begin with until one asks for another", () => {
  const onChange = vi.fn();
  const requested = new RequestedRendition(onChange);
  expect(requested.tracks(stream)).toEqual([1, 2]);
  for (const id of ["a0", "v0", "a0", "v0"]) requested.note(id);
  expect(onChange).toHaveBeenCalledTimes(1);
  expect(requested.tracks(stream)).toEqual([0, 2]);
  expect(requested.joinVideo).toBe("v0");
});
