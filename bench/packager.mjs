// How fast the packager is, and whether its memory stays flat: an hour of the built-in clip.
//   npm run build && node bench/packager.mjs [--hours 1]
import { readFileSync } from "node:fs";
import { arch, cpus } from "node:os";
import { parseArgs } from "node:util";
import { createTsPackager } from "../dist/ingest/packager/ts-packager.js";

const { values } = parseArgs({ options: { hours: { type: "string", default: "1" } } });
const clip = readFileSync(new URL("../ingest/clip/pattern.m2ts", import.meta.url));
const CLIP_MS = 9600;
const SLICE_BYTES = 64 * 188;
const loops = Math.ceil((Number(values.hours) * 3_600_000) / CLIP_MS);

const packager = createTsPackager({ chunkMs: 200 });
let bytes = 0;
let chunks = 0;
let heapAfterFirstTenthMb = 0;
const started = process.hrtime.bigint();
for (let loop = 0; loop < loops; loop++) {
  if (loop > 0) packager.discontinuity();
  for (let at = 0; at < clip.length; at += SLICE_BYTES) {
    const nowMs = 1e12 + loop * CLIP_MS + (at / clip.length) * CLIP_MS;
    for (const event of packager.push(clip.subarray(at, at + SLICE_BYTES), nowMs)) {
      if (event.type === "chunk") chunks++;
    }
  }
  bytes += clip.length;
  if (loop === Math.floor(loops / 10)) heapAfterFirstTenthMb = heapMb();
}
const seconds = Number(process.hrtime.bigint() - started) / 1e9;

const result = {
  bench: "packager",
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus()[0]?.model.trim()} (${cpus().length} cores, ${arch()}), Node ${process.version}`,
  hoursOfInput: Number(values.hours),
  megabytes: Math.round(bytes / 1e6),
  megabytesPerSecond: Number((bytes / 1e6 / seconds).toFixed(1)),
  chunks,
  heapGrowthMb: Number((heapMb() - heapAfterFirstTenthMb).toFixed(1)),
};
console.log(
  `packager: ${result.megabytesPerSecond} MB/s on one core (wanted: 30), heap ${result.heapGrowthMb} MB more after ` +
    `${result.hoursOfInput} h of input than after a tenth of it (${result.megabytes} MB, ${chunks} chunks)`,
);
console.log(JSON.stringify(result));

function heapMb() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}
