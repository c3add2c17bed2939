import { z } from "zod";
import type { Report } from "./member.ts";

const count = z.number().nonnegative();

/** What the launcher reads of a line of `livemesh peer --json`. */
const peerLine = z.object({
  bytes: z.object({ fromPeers: count, fromSeeder: count, fromOrigin: count, uploaded: count }),
  neighbors: count,
  chunks: z.object({ missed: count }),
  integers: z
    .object({ gaps: count, disorder: count, wrong: count, leftOutAtStart: count })
    .nullish(),
  latencyMs: z.number().nullish(),
});

/** Undefined for a line that is no report. */
export function parseReport(line: string): Report | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { data } = peerLine.safeParse(value);
  if (data === undefined) return undefined;
  const { bytes, neighbors, chunks, integers, latencyMs } = data;
  // The check of integers knows better: it sees what came out, and in which order.
  const gaps = integers ? integers.gaps + integers.disorder + integers.wrong : chunks.missed;
  const figures = { ...bytes, gaps, leftOutAtStart: integers?.leftOutAtStart ?? 0 };
  return { figures, neighbors, latencyMs: latencyMs ?? undefined };
}
