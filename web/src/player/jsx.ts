import type { PlayerSettings } from "./settings/player-settings.ts";

/** Attributes of `<livemesh-player>`, for JSX and for templates that check types. */
export type LivemeshPlayerAttributes = {
  src?: string;
  tracker?: string;
  autoplay?: boolean;
  muted?: boolean;
  /** Id of one, or `auto`. */
  rendition?: string;
  poster?: string;
  controls?: "none";
  theme?: "auto" | "light" | "dark";
  lang?: string;
  debug?: boolean;
  "target-latency"?: PlayerSettings["target-latency"] | `${number}`;
  p2p?: PlayerSettings["p2p"];
  "upload-limit"?: number | string;
  "upload-budget"?: number | string;
  "data-saver"?: PlayerSettings["data-saver"];
  "min-audience"?: number | string;
  "hidden-tab"?: PlayerSettings["hidden-tab"];
};
