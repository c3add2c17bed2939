import type Hls from "hls.js";
import type { HlsConfig } from "hls.js";
import type { HlsMesh } from "./hls-mesh.ts";
import { LiveKeeper } from "./live-keeper.ts";
import { type HlsMeshOptions, MeshOfPlayer } from "./mesh-of-player.ts";

export type { HlsMesh, HlsMeshStats } from "./hls-mesh.ts";
export type { HlsMeshOptions } from "./mesh-of-player.ts";

/** Playing up to this much faster brings a player back that has fallen behind. */
const CATCH_UP_RATE = 1.05;
/** A stall makes hls.js stay this much further behind, in s; its default of 1 is for segments. */
const STALL_INCREASE_SEC = 0.25;

const NEAR_LIVE = {
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: CATCH_UP_RATE,
  liveSyncOnStallIncrease: STALL_INCREASE_SEC,
};

/**
 * Configuration for a player that makes its own hls.js: `new Hls({ ...meshConfig() })`. Media of
 * livemesh streams comes from other viewers then, and what they do not bring in time from the
 * server that the playlist names. Each block is verified; anything else is loaded as ever.
 * Where there is an instance, {@link attachMesh} does more: it knows what is on screen.
 */
export function meshConfig(
  options: HlsMeshOptions = {},
): Pick<HlsConfig, "fLoader" | keyof typeof NEAR_LIVE> {
  return {
    fLoader: new MeshOfPlayer(options).loader,
    ...NEAR_LIVE,
  };
}

export type AttachedMesh = {
  /** The mesh of the stream that plays; undefined before the first media is asked for. */
  readonly mesh: HlsMesh | undefined;
  /** Leave the mesh; the player goes on over plain HTTP. Done by itself when hls.js is destroyed. */
  detach(): void;
};

/**
 * Put a mesh behind an hls.js that exists, before or after it was given its source. Keeps it near
 * live, too, as far as its owner's configuration does not say how.
 */
export function attachMesh(hls: Hls, options: HlsMeshOptions = {}): AttachedMesh {
  const player = new MeshOfPlayer(options);
  const { fLoader } = hls.config;
  Object.assign(hls.config, NEAR_LIVE, hls.userConfig, { fLoader: player.loader });
  const keeper = new LiveKeeper(hls);
  player.follow(() => {
    keeper.look();
    const isPlaying = hls.media !== null && !hls.media.paused && hls.media.currentTime > 0;
    return isPlaying ? hls.playingDate?.getTime() : undefined;
  });
  const leave = () => player.leave();
  // By name: importing hls.js for its constants would bring a second copy of it.
  hls.on("hlsDestroying" as Parameters<Hls["on"]>[0], leave);
  hls.on("hlsManifestLoading" as Parameters<Hls["on"]>[0], leave);
  return {
    get mesh() {
      return player.current;
    },
    detach() {
      if (fLoader === undefined) Reflect.deleteProperty(hls.config, "fLoader");
      else hls.config.fLoader = fLoader;
      hls.off("hlsDestroying" as Parameters<Hls["on"]>[0], leave);
      hls.off("hlsManifestLoading" as Parameters<Hls["on"]>[0], leave);
      leave();
      keeper.close();
    },
  };
}
