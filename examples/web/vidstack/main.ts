import Hls from "hls.js";
import { type AttachedMesh, attachMesh } from "livemesh/hls";
import { isHLSProvider, type MediaProviderChangeEvent } from "vidstack";
import "vidstack/player";
import "vidstack/player/layouts/default";
import "vidstack/player/ui";
import "vidstack/player/styles/default/theme.css";
import "vidstack/player/styles/default/layouts/video.css";
import { playlistUrl } from "../stream.ts";

const player = document.querySelector("media-player");
if (player === null) throw new Error("the page has a media-player");

player.addEventListener("provider-change", ({ detail: provider }: MediaProviderChangeEvent) => {
  if (!isHLSProvider(provider)) return;
  // Otherwise Vidstack loads hls.js from a CDN.
  provider.library = Hls;
  provider.config = { lowLatencyMode: true };
  provider.onInstance((hls) => {
    const attached: AttachedMesh = attachMesh(hls);
    Object.assign(window, { mesh: attached });
  });
});
player.src = { src: await playlistUrl(), type: "application/x-mpegurl" };
