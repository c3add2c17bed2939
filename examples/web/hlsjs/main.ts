import Hls from "hls.js";
import { attachMesh } from "livemesh/hls";
import { playlistUrl } from "../stream.ts";

const video = document.querySelector("video");
if (video === null) throw new Error("the page has a video");

const hls = new Hls();
const attached = attachMesh(hls);
hls.loadSource(await playlistUrl());
hls.attachMedia(video);

// For the console: mesh.mesh.getStats()
Object.assign(window, { mesh: attached });
