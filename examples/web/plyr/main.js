import Hls from "hls.js";
import { attachMesh } from "livemesh/hls";
import Plyr from "plyr";
import "plyr/dist/plyr.css";
import { playlistUrl } from "../stream.ts";

const video = document.querySelector("video");
if (video === null) throw new Error("the page has a video");

// Plyr dresses a video element; what plays in it is ours to choose.
const hls = new Hls();
const attached = attachMesh(hls);
hls.loadSource(await playlistUrl());
hls.attachMedia(video);
// Plyr's icons are on a CDN unless a page brings them; its package does not export the file.
new Plyr(video, {
  muted: true,
  iconUrl: new URL("../../../node_modules/plyr/dist/plyr.svg", import.meta.url).href,
});

Object.assign(window, { mesh: attached });
