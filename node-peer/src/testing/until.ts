/** How long a condition may take, in ms, before the test fails instead of hanging. */
const PATIENCE_MS = 10_000;

/** Resolves once `condition` holds, looking after every turn of the event loop. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const giveUpAtMs = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
