import { stateMediator } from "media-chrome/dist/media-store/state-mediator.js";

/** What live media does many times a second. No control of ours shows time or buffer, but
 * media-chrome turned each of these into attributes, styles and layout: hidden controls took a
 * fifth of a watching tab's main thread. */
const CONSTANT_EVENTS = new Set(["timeupdate", "progress", "durationchange"]);

for (const state of Object.values<{ mediaEvents?: string[] }>(stateMediator)) {
  if (state.mediaEvents === undefined) continue;
  state.mediaEvents = state.mediaEvents.filter((event) => !CONSTANT_EVENTS.has(event));
}
