import { AdaptiveOverlay } from "./adaptive-overlay.ts";
import { NearbyOverlay } from "./nearby-overlay.ts";
import type { OverlayFactory } from "./overlay-policy.ts";
import { RandomOverlay } from "./random-overlay.ts";
import { StaticOverlay } from "./static-overlay.ts";

/** Strategies a descriptor may name as its `overlay`. */
export const OVERLAY_FACTORIES: Readonly<Record<string, OverlayFactory>> = {
  adaptive: (context) => new AdaptiveOverlay(context),
  random: (context) => new RandomOverlay(context),
  nearby: (context) => new NearbyOverlay(context),
  static: (context) => new StaticOverlay(context),
};

/** Their names. */
export const OVERLAYS: readonly string[] = Object.keys(OVERLAY_FACTORIES);
