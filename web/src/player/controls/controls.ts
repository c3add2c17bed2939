/** The parts of media-chrome we use, and our control bar. Loaded on demand: see
 * `controls-on-demand.ts`. */
// First: what follows begins to listen, and to style itself, as soon as it is loaded.
import "./quiet-media-state.ts";
import "./strict-styles.ts";
import "media-chrome/dist/media-controller.js";
import "media-chrome/dist/media-play-button.js";
import "media-chrome/dist/media-mute-button.js";
import "media-chrome/dist/media-volume-range.js";
import "media-chrome/dist/media-captions-button.js";
import "media-chrome/dist/media-airplay-button.js";
import "media-chrome/dist/media-cast-button.js";
import "media-chrome/dist/media-pip-button.js";
import "media-chrome/dist/media-fullscreen-button.js";

export { ControlBar } from "./control-bar.ts";
export { CONTROLS_CSS } from "./controls-styles.ts";
