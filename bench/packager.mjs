// How fast the packager is, and whether its memory stays flat: an hour of the built-in clip.
//   npm run build && node bench/packager.mjs [--hours 1] [--json]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createTsPackager } from "../dist/ingest/packager/ts-packager.js";
import { circumstances, circumstancesLine } from "./circumstances.mjs";

const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const clip = readFileSync(new URL("../ingest/clip/pattern.m2ts", import.meta.url));
// Without a collection before each reading, what is read is the collector's mood.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");
const CLIP_MS = 9600;
const SLICE_BYTES = 64 * 188;
const loops = Math.ceil((Number(values.hours) * 3_600_000) / CLIP_MS);

const packager = createTsPackager({ chunkMs: 200 });
let bytes = 0;
let chunks = 0;
let heapAfterFirstTenthMb = 0;
const started = process.hrtime.bigint();
const cpuBefore = process.cpuUsage();
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
const cpu = process.cpuUsage(cpuBefore);
const cpuSeconds = (cpu.user + cpu.system) / 1e6;

const result = {
  bench: "packager",
  ...circumstances(),
  hoursOfInput: Number(values.hours),
  megabytes: Math.round(bytes / 1e6),
  megabytesPerSecond: Number((bytes / 1e6 / seconds).toFixed(1)),
  /** All threads of the process counted: the lower bound that a busy machine does not disturb. */
  megabytesPerCpuSecond: Number((bytes / 1e6 / cpuSeconds).toFixed(1)),
  chunks,
  heapGrowthMb: Number((heapMb() - heapAfterFirstTenthMb).toFixed(1)),
};
console.log(values.json ? JSON.stringify(result) : summary());

function summary() {
  return (
    `packager: ${result.megabytesPerSecond} MB/s, ${result.megabytesPerCpuSecond} MB per second of CPU (wanted: 30 on one core), memory ${result.heapGrowthMb} MB more after ` +
    `${result.hoursOfInput} h of input than after a tenth of it (${result.megabytes} MB, ${chunks} chunks)\n` +
    circumstancesLine(result)
  );
}

function heapMb() {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
