import { z } from "zod";

/** Of a server on this machine, in ms. */
const ANSWER_WITHIN_MS = 2000;

const apiStats = z.object({
  streams: z.array(
    z.object({
      id: z.string(),
      bytes: z.object({ copy: z.number(), seeder: z.number(), origin: z.number() }),
    }),
  ),
});

/** In bytes: one copy of all that was published, and what seeder and origin sent of it. */
export type SourceFigures = { copy: number; seeder: number; origin: number };

/** Undefined while the tracker does not know, or does not answer. */
export async function sourceFigures(
  trackerUrl: string,
  streamId: string,
): Promise<SourceFigures | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(`${trackerUrl}/api/stats`, { signal });
    const { streams } = apiStats.parse(await response.json());
    return streams.find(({ id }) => id === streamId)?.bytes;
  } catch {
    return undefined;
  }
}
