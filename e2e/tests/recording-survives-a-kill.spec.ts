import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "../support/test.ts";

/** Kinds of streams and count of packets; throws when ffprobe finds nothing that plays. */
function probe(path: string): { kinds: string[]; packets: number } {
  const wanted = ["-count_packets", "-show_entries", "stream=codec_type,nb_read_packets"];
  const json = execFileSync("ffprobe", ["-v", "error", ...wanted, "-of", "json", path]);
  const { streams } = JSON.parse(json.toString()) as {
    streams: { codec_type: string; nb_read_packets: string }[];
  };
  return {
    kinds: streams.map(({ codec_type }) => codec_type).sort(),
    packets: Math.min(...streams.map(({ nb_read_packets }) => Number(nb_read_packets))),
  };
}

function hasFfprobe(): boolean {
  try {
    execFileSync("ffprobe", ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test("what was recorded plays after kill -9, up to the last chunk", async ({ livemesh }) => {
  test.skip(!hasFfprobe(), "ffprobe is not installed here");
  const directory = await mkdtemp(join(tmpdir(), "livemesh-e2e-recording-"));
  try {
    const { process } = await livemesh.serve(["--record", directory]);
    const sizes = async () => {
      const names = await readdir(directory);
      const stats = await Promise.all(names.map((name) => stat(join(directory, name))));
      return Math.min(...stats.map(({ size }) => size), names.length < 3 ? 0 : 1e9);
    };
    await expect.poll(sizes, { timeout: 30_000 }).toBeGreaterThan(50_000);
    await process.kill();

    const files = (await readdir(directory)).sort().map((name) => probe(join(directory, name)));
    expect(files.map(({ kinds }) => kinds.join("+")).sort()).toEqual([
      "audio",
      "audio+video",
      "video",
    ]);
    // Two seconds of 25 frames, and of some 47 of sound.
    for (const { packets } of files) expect(packets).toBeGreaterThan(50);
  } finally {
    await rm(directory, { recursive: true });
  }
});
