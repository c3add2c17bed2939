/// <reference path="./testing/mux-js.d.ts" />
import { readFileSync } from "node:fs";
import muxjs from "mux.js";
import { expect, it } from "vitest";
import { readChunk } from "#media";
import { createTsPackager } from "./ts-packager.ts";

const CLIP = new Uint8Array(readFileSync(new URL("../../clip/pattern.m2ts", import.meta.url)));

/** What another demuxer finds: slices of pictures with their times, and AAC frames. */
function demuxWithMuxJs() {
  const { mp2t, codecs } = muxjs;
  const packets = new mp2t.TransportPacketStream();
  const elementary = new mp2t.ElementaryStream();
  const h264 = new codecs.h264.H264Stream();
  const adts = new codecs.Adts();
  packets.pipe(new mp2t.TransportParseStream()).pipe(elementary);
  elementary.pipe(h264);
  elementary.pipe(adts);
  const dts = new Set<number>();
  const frames: Uint8Array[] = [];
  h264.on("data", (nal) => {
    if (nal.nalUnitType === "access_unit_delimiter_rbsp") dts.add(nal.dts);
  });
  adts.on("data", (frame) => frames.push(frame.data));
  packets.push(CLIP);
  packets.flush();
  return { dts: [...dts], frames };
}

it("finds the same pictures and audio frames in a transport stream as mux.js does", () => {
  const packager = createTsPackager({ chunkMs: 200 });
  const events = [...packager.push(CLIP, 0), ...packager.flush()];
  const samples = (kind: string) =>
    events.flatMap((event) =>
      event.type === "chunk" && event.chunk.kind === kind ? [readChunk(event.chunk.bytes)] : [],
    );
  const muxJs = demuxWithMuxJs();
  const times = samples("video").flatMap(({ decodeTimeTicks, samples: pictures }) =>
    pictures.map((_, index) => decodeTimeTicks + index * 3600),
  );
  const first = muxJs.dts[0] ?? 0;
  expect(times).toEqual(muxJs.dts.map((dts) => dts - first));
  const audio = samples("audio").flatMap((chunk) => chunk.samples.map(({ bytes }) => bytes));
  expect(audio).toEqual(muxJs.frames.map((frame) => Uint8Array.from(frame)));
});
