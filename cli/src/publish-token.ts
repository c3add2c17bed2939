import { signToken, type TokenKeys } from "#signaling/access";

/** Longer than any pause between two renewals; whoever steals one has it for a day at most. */
const LIFE_SEC = 86_400;
const RENEW_MS = 6 * 3_600_000;

/**
 * What lets an ingest publish at a tracker with the same key: made here, and made anew before it ends.
 * @returns Undefined where the key only checks tokens.
 */
export async function publishTokens(
  keys: TokenKeys | undefined,
): Promise<(() => string) | undefined> {
  if (keys?.sign === undefined) return undefined;
  const make = () =>
    signToken(keys, {
      actions: ["publish"],
      streamId: undefined,
      peerId: undefined,
      usesMax: undefined,
      origins: undefined,
      lifeSec: LIFE_SEC,
    });
  let current = await make();
  setInterval(async () => {
    current = await make();
  }, RENEW_MS).unref();
  return () => current;
}
