/** The parts of media-chrome we use. Loaded on demand: see `controls-on-demand.ts`. */
// First: what follows begins to listen as soon as it is loaded.
import "./quiet-media-state.ts";
import "media-chrome/dist/media-controller.js";
import "media-chrome/dist/media-control-bar.js";
import "media-chrome/dist/media-play-button.js";
import "media-chrome/dist/media-mute-button.js";
import "media-chrome/dist/media-volume-range.js";
import "media-chrome/dist/media-pip-button.js";
import "media-chrome/dist/media-fullscreen-button.js";
