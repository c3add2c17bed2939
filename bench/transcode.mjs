// How much later renditions come than the stream itself would, and what they cost this process.
//   npm run build && node bench/transcode.mjs [--ladder 360p,180p:250k,90p:80k,audio] [--json]
// The built-in clip is fed at its own pace, to the packager and through an ffmpeg; when a chunk of a
// rendition is made is compared with when the packager had the last picture of that chunk.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { findFfmpeg } from "../dist/ingest/ffmpeg/find-ffmpeg.js";
import { parseLadder } from "../dist/ingest/ladder/ladder.js";
import { TranscodedSource } from "../dist/ingest/ladder/transcoded-source.js";
import { createTsPackager } from "../dist/ingest/packager/ts-packager.js";
import { circumstances, circumstancesLine } from "./circumstances.mjs";

const { values } = parseArgs({
  options: {
    ladder: { type: "string", default: "360p,180p:250k,90p:80k,audio" },
    json: { type: "boolean", default: false },
  },
});
const ladder = parseLadder(values.ladder);
if (ladder === undefined) throw new RangeError("--ladder copy encodes nothing");
const ffmpeg = findFfmpeg({ input: "this benchmark", otherForms: "nothing is measured" });

const clip = readFileSync(new URL("../ingest/clip/pattern.m2ts", import.meta.url));
const CLIP_MS = 9600;
const SLICE_BYTES = 7 * 188;
const CHUNK_MS = 200;
/** What comes first is what ffmpeg took to start. */
const SETTLED_MS = 3000;

const FRAME_MS = 40;

/** When the packager had each picture, and where it ends in media time. */
const pictures = [];
const plain = createTsPackager({ chunkMs: FRAME_MS });

const encoder = {
  name: "clip",
  aheadMs: 1000,
  async *events() {
    yield { type: "start", description: "clip" };
    const startMs = performance.now();
    for (let at = 0; at < clip.length; at += SLICE_BYTES) {
      const dueMs = startMs + (at / clip.length) * CLIP_MS;
      const waitMs = dueMs - performance.now();
      if (waitMs > 1) await delay(waitMs);
      const bytes = clip.subarray(at, at + SLICE_BYTES);
      for (const event of plain.push(bytes, Date.now())) {
        if (event.type !== "chunk" || event.chunk.kind !== "video") continue;
        const endMs = event.chunk.mediaTimeMs + event.chunk.durationMs;
        pictures.push({ endMs, atMs: performance.now() });
      }
      yield { type: "bytes", bytes };
    }
  },
};

const source = new TranscodedSource(encoder, { ladder, ffmpeg });
const packager = source.createPackager({ chunkMs: CHUNK_MS });
/** By rendition: when each chunk was made, and where it ends in media time. */
const made = new Map();
const cpuBefore = process.cpuUsage();
for await (const event of source.events(new AbortController().signal)) {
  if (event.type !== "bytes") continue;
  for (const { type, chunk } of packager.push(event.bytes, Date.now())) {
    if (type !== "chunk" || chunk.kind !== "video") continue;
    const endMs = chunk.mediaTimeMs + chunk.durationMs;
    const chunks = made.get(chunk.rendition) ?? [];
    made.set(chunk.rendition, [...chunks, { endMs, atMs: performance.now() }]);
  }
}
for (const { type, chunk } of packager.flush()) {
  if (type !== "chunk" || chunk.kind !== "video") continue;
  const endMs = chunk.mediaTimeMs + chunk.durationMs;
  made.get(chunk.rendition)?.push({ endMs, atMs: performance.now() });
}
for (const { type, chunk } of plain.flush()) {
  if (type !== "chunk" || chunk.kind !== "video") continue;
  pictures.push({ endMs: chunk.mediaTimeMs + chunk.durationMs, atMs: performance.now() });
}
const cpu = process.cpuUsage(cpuBefore);

const result = {
  bench: "transcode",
  ...circumstances(),
  ladder: values.ladder,
  /** Of this process, of which ffmpeg is no part. */
  cpuShare: Number(((cpu.user + cpu.system) / 1000 / CLIP_MS).toFixed(3)),
  renditions: [...made].map(([rendition, chunks]) => {
    const delays = delaysOf(chunks).sort((a, b) => a - b);
    const at = (share) => Math.round(delays[Math.floor(share * (delays.length - 1))]);
    return { rendition, chunks: delays.length, medianMs: at(0.5), slowestMs: at(1) };
  }),
};
console.log(values.json ? JSON.stringify(result) : summary());

/** Both end with the clip; where they begin depends on what ffmpeg missed while it found out what comes. */
function delaysOf(chunks) {
  const missedMs = pictures.at(-1).endMs - chunks.at(-1).endMs;
  return chunks.flatMap(({ endMs, atMs }) => {
    const picture = pictures.find((one) => Math.abs(one.endMs - endMs - missedMs) < FRAME_MS / 2);
    return picture === undefined || endMs < SETTLED_MS ? [] : [atMs - picture.atMs];
  });
}

function summary() {
  const rows = result.renditions.map(
    ({ rendition, chunks, medianMs, slowestMs }) =>
      `  v${rendition}: ${medianMs} ms later in the median, ${slowestMs} ms at most (${chunks} chunks)`,
  );
  return (
    `transcode ${result.ladder}: ${(100 * result.cpuShare).toFixed(1)} % of a core beside ffmpeg\n` +
    `${rows.join("\n")}\n${circumstancesLine(result)}`
  );
}
