import { streamCounters } from "../support/api.ts";
import { serveEncoder } from "../support/livemesh.ts";
import { expect, test } from "../support/test.ts";
import { allPlayOn } from "../support/viewer.ts";

/** The type byte in front of a block is counted by one side or not by the other. */
const BYTES_PER_BLOCK_MESSAGE = 1;

test("the seeder's counters say what the viewers got of it", async ({ livemesh, openViewer }) => {
  const stream = await serveEncoder(livemesh);
  const encoder = livemesh.encoder(stream.encoderPort);
  const viewers = await Promise.all([1, 2, 3].map(() => openViewer(stream.watchUrl)));
  await allPlayOn(viewers, 75);
  // Without an encoder everything comes to rest, and the sums have to be right to the byte.
  await encoder.kill();

  const balance = async () => {
    const [counters, stats] = await Promise.all([
      streamCounters(stream),
      Promise.all(viewers.map((viewer) => viewer.stats())),
    ]);
    const useful = stats.reduce((sum, { bytes }) => sum + bytes.fromSeeder, 0);
    const duplicate = stats.reduce((sum, { bytes }) => sum + bytes.duplicate, 0);
    const framing = counters.blocks * viewers.length * BYTES_PER_BLOCK_MESSAGE;
    const { seeder } = counters.bytes;
    return seeder > 0 && useful <= seeder && seeder <= useful + duplicate + framing
      ? "balanced"
      : `seeder sent ${seeder}, viewers got ${useful} of it and ${duplicate} twice`;
  };
  await expect.poll(balance).toBe("balanced");
});
