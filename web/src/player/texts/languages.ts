import type { PlayerTexts } from "./player-texts.ts";

type Pack = Promise<{ TEXTS: PlayerTexts }>;

/** English is there from the start; the others are loaded where they are wanted. */
const PACKS: Record<string, () => Pack> = {
  de: () => import("./de.ts"),
  es: () => import("./es.ts"),
  zh: () => import("./zh.ts"),
};

/**
 * @param tag A language tag as in HTML's `lang`: `de-AT`.
 * @returns Undefined for English and for what there is no translation into.
 */
export async function loadTexts(tag: string): Promise<PlayerTexts | undefined> {
  const load = PACKS[baseLanguage(tag)];
  return load === undefined ? undefined : (await load()).TEXTS;
}

/** `de` of `de-AT`. */
export function baseLanguage(tag: string): string {
  return tag.toLowerCase().split("-")[0] ?? "";
}
