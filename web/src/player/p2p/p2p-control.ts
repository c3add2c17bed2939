import type { SessionWay } from "../../session/stream-session.ts";
import type { PlayerSettings } from "../settings/player-settings.ts";
import { decideP2p, type P2pDecision } from "./p2p-policy.ts";

/** What the control asks about, whenever it looks. */
export type P2pSurroundings = {
  settings(): PlayerSettings;
  hasWebRtc: boolean;
  device(): { isMetered: boolean; isBatteryLow: boolean };
  /** The element's own numbers. */
  run(): { uploadedBytes: number; audience: number | undefined; isPaused: boolean };
  isHidden(): boolean;
  /** Let the page say no. Asked once, when nothing else stands against P2P. */
  mayShare(): boolean;
};

const BPS_PER_MBPS = 1_000_000;
const BYTES_PER_MB = 1_000_000;

/** Keeps the decision about P2P up to date, and knows whether the page has been asked. */
export class P2pControl {
  readonly #surroundings: P2pSurroundings;
  #consent: "unasked" | "given" | "refused" = "unasked";
  #decision: P2pDecision = { isOn: false, reason: "switched-off" };

  constructor(surroundings: P2pSurroundings) {
    this.#surroundings = surroundings;
  }

  get decision(): P2pDecision {
    return this.#decision;
  }

  /** How a session has to be for it. */
  get way(): SessionWay {
    const decision = this.#decision;
    const uploadLimitBps = this.#surroundings.settings()["upload-limit"] * BPS_PER_MBPS;
    if (!decision.isOn) return { links: "none", uploadLimitBps };
    return { links: decision.isRelayOnly ? "relay-only" : "all", uploadLimitBps };
  }

  /** Somebody said yes. */
  allow(): void {
    this.#consent = "given";
  }

  /** Look again at everything it follows from. */
  update(): void {
    this.#decision = this.#decide();
    const { mayShare } = this.#surroundings;
    if (!this.#decision.isOn || this.#consent !== "unasked") return;
    this.#consent = mayShare() ? "given" : "refused";
    this.#decision = this.#decide();
  }

  #decide(): P2pDecision {
    const { settings, hasWebRtc, device, run, isHidden } = this.#surroundings;
    const now = settings();
    const { isMetered, isBatteryLow } = device();
    return decideP2p({
      hasWebRtc,
      mode: now.p2p,
      hasConsent: this.#consent !== "refused",
      dataSaver: now["data-saver"],
      isMetered,
      isBatteryLow,
      ...run(),
      uploadBudgetBytes: now["upload-budget"] * BYTES_PER_MB,
      minAudience: now["min-audience"],
      hiddenTab: now["hidden-tab"],
      isHidden: isHidden(),
    });
  }
}
