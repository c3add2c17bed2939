import { MediaChromeButton } from "media-chrome/dist/media-chrome-button.js";
import { MediaChromeRange } from "media-chrome/dist/media-chrome-range.js";
import { MediaContainer } from "media-chrome/dist/media-container.js";

/**
 * media-chrome puts `<style>` elements into its shadow trees, which a strict content security policy
 * blocks. Where it has, the same rules go in as a constructed style sheet, which no policy forbids,
 * and stand in for the blocked one: media-chrome writes to it later. Has to be loaded before the
 * elements derived from these classes.
 */
for (const Class of [MediaChromeButton, MediaChromeRange, MediaContainer]) {
  const connected = Class.prototype.connectedCallback;
  Class.prototype.connectedCallback = function (this: HTMLElement) {
    if (this.shadowRoot !== null) adoptBlockedStyles(this.shadowRoot);
    connected.call(this as never);
  };
}

function adoptBlockedStyles(root: ShadowRoot): void {
  for (const style of root.querySelectorAll("style")) {
    if (style.sheet === null) adopt(root, style);
  }
  for (const { shadowRoot } of root.querySelectorAll("*")) {
    if (shadowRoot !== null) adoptBlockedStyles(shadowRoot);
  }
}

function adopt(root: ShadowRoot, style: HTMLStyleElement): void {
  const sheet = new CSSStyleSheet({ media: style.media });
  sheet.replaceSync(style.textContent ?? "");
  root.adoptedStyleSheets.push(sheet);
  Object.defineProperty(style, "sheet", { value: sheet });
}
