import type { DataSaver, HiddenTab, P2pMode } from "../settings/player-settings.ts";

/** Why nothing goes from viewer to viewer. Each has its words in the control bar. */
export type P2pOffReason =
  | "no-webrtc"
  | "switched-off"
  | "no-consent"
  | "metered"
  | "battery-low"
  | "budget-used-up"
  | "small-audience"
  | "hidden";

export type P2pDecision =
  | { isOn: true; isRelayOnly: boolean }
  | { isOn: false; reason: P2pOffReason };

/** Everything the decision follows from. */
export type P2pFacts = {
  hasWebRtc: boolean;
  mode: P2pMode;
  /** Nobody has said no to `beforep2p`, or somebody has said yes since. */
  hasConsent: boolean;
  dataSaver: DataSaver;
  /** The browser says that data is to be saved, or that this is a mobile network. */
  isMetered: boolean;
  isBatteryLow: boolean;
  uploadedBytes: number;
  uploadBudgetBytes: number;
  minAudience: number;
  /** Undefined while nobody has said. */
  audience: number | undefined;
  hiddenTab: HiddenTab;
  isHidden: boolean;
  isPaused: boolean;
};

/** What may leave this browser. The first reason against it is the one that is told. */
export function decideP2p(facts: P2pFacts): P2pDecision {
  const reason = reasonAgainst(facts);
  if (reason !== undefined) return { isOn: false, reason };
  return { isOn: true, isRelayOnly: facts.mode === "relay-only" };
}

function reasonAgainst(facts: P2pFacts): P2pOffReason | undefined {
  if (!facts.hasWebRtc) return "no-webrtc";
  if (facts.mode === "off") return "switched-off";
  if (!facts.hasConsent) return "no-consent";
  if (facts.dataSaver === "on") return "metered";
  if (facts.dataSaver === "auto" && facts.isMetered) return "metered";
  if (facts.dataSaver === "auto" && facts.isBatteryLow) return "battery-low";
  if (facts.uploadedBytes >= facts.uploadBudgetBytes) return "budget-used-up";
  if (facts.minAudience > 1 && (facts.audience ?? 0) < facts.minAudience) return "small-audience";
  if (restsHidden(facts)) return "hidden";
  return undefined;
}

/** Sound from a tab in the background is watching, too; a paused one only costs. */
function restsHidden({ hiddenTab, isHidden, isPaused }: P2pFacts): boolean {
  if (!isHidden || hiddenTab === "on") return false;
  return hiddenTab === "off" || isPaused;
}
