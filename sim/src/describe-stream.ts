import type { StreamDescriptor } from "#protocol";
import { SIM_STREAM_ID } from "./ids.ts";
import { AUDIO_BPS } from "./media-source.ts";
import type { Scenario } from "./scenario.ts";

/** What the publisher of this scenario would sign. */
export function describeStream({ name, stream, scheduler, overlay }: Scenario): StreamDescriptor {
  const track = { initVersion: 0, init: "00" };
  return {
    version: 1,
    streamId: SIM_STREAM_ID,
    publicKey: "04".repeat(65),
    revision: 1,
    title: name,
    startedAtMs: 0,
    isLive: true,
    chunkMs: stream.chunkMs,
    scheduler,
    overlay,
    origins: [""],
    tracks: [
      {
        ...track,
        id: "v0",
        kind: "video",
        codec: "avc1.64001f",
        stripes: stream.stripes,
        bitrateBps: stream.bitrateBps - AUDIO_BPS,
      },
      {
        ...track,
        id: "a0",
        kind: "audio",
        codec: "mp4a.40.2",
        stripes: 1,
        bitrateBps: AUDIO_BPS,
      },
    ],
  };
}
