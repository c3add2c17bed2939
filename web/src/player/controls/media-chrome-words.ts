import { baseLanguage } from "../texts/languages.ts";

const DICTIONARIES: Record<string, { tag: string; load: () => Promise<unknown> }> = {
  de: { tag: "de", load: () => import("media-chrome/dist/lang/de.js") },
  es: { tag: "es", load: () => import("media-chrome/dist/lang/es.js") },
  zh: { tag: "zh-CN", load: () => import("media-chrome/dist/lang/zh-CN.js") },
};

const NAMED = [
  "media-play-button",
  "media-mute-button",
  "media-volume-range",
  "media-airplay-button",
  "media-cast-button",
  "media-pip-button",
  "media-fullscreen-button",
];

/** What media-chrome's own buttons are called: in this language if it is one of ours. */
export async function nameButtons(controller: HTMLElement, language: string): Promise<void> {
  const dictionary = DICTIONARIES[baseLanguage(language)];
  await dictionary?.load();
  const tag = dictionary?.tag ?? "en";
  if (controller.getAttribute("lang") === tag) return;
  controller.setAttribute("lang", tag);
  // They take their names when they come into the page.
  for (const name of NAMED) {
    for (const button of controller.querySelectorAll(name)) {
      button.replaceWith(document.createElement(name));
    }
  }
}
