import { baseLanguage } from "../texts/languages.ts";

const DICTIONARIES: Record<string, { tag: string; load: () => Promise<unknown> }> = {
  de: { tag: "de", load: () => import("media-chrome/dist/lang/de.js") },
  es: { tag: "es", load: () => import("media-chrome/dist/lang/es.js") },
  zh: { tag: "zh-CN", load: () => import("media-chrome/dist/lang/zh-CN.js") },
};

/** What media-chrome's own buttons are called: in the language of `tag` if it is one of ours. */
export async function nameButtons(controller: HTMLElement, tag: string): Promise<void> {
  const dictionary = DICTIONARIES[baseLanguage(tag)];
  await dictionary?.load();
  controller.setAttribute("lang", dictionary?.tag ?? "en");
}
