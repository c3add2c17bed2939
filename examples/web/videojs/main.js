import Hls from "hls.js";
import { attachMesh } from "livemesh/hls";
import videojs from "video.js";
import "video.js/dist/video-js.css";
import { playlistUrl } from "../stream.ts";

// Video.js brings an HLS engine of its own; a source handler before it puts hls.js in its place.
videojs.getTech("Html5").registerSourceHandler(
  {
    canPlayType: (type) => (/mpegurl/i.test(type) ? "probably" : ""),
    canHandleSource: ({ type }) => (/mpegurl/i.test(type) ? "probably" : ""),
    handleSource({ src }, tech) {
      const hls = new Hls();
      const attached = attachMesh(hls);
      hls.loadSource(src);
      hls.attachMedia(tech.el());
      Object.assign(window, { mesh: attached });
      return { dispose: () => hls.destroy() };
    },
  },
  0,
);

const video = document.querySelector("video");
if (video === null) throw new Error("the page has a video");
const player = videojs(video, { liveui: true, fluid: true });
player.src({ src: await playlistUrl(), type: "application/x-mpegurl" });
