import type { SwarmFlags } from "../swarm-flags.ts";

/** A swarm on whatever ports are free, as fast as it comes up. */
export const SWARM_FLAGS: SwarmFlags = {
  loop: false,
  hold: false,
  interval: 0,
  trackerPort: 0,
  mediaServerPort: 0,
  startPeerPort: 0,
  startStreamingPort: 0,
  seederUpload: 50,
  seederCopies: 1,
  seed: 1,
  browsers: 0,
  logDir: "swarm-logs",
  json: false,
};
