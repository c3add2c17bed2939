import { codecName } from "../codec-name.ts";
import type { P2pOffReason } from "../p2p/p2p-policy.ts";
import type { LeftOut, MeshFacts } from "../player-words.ts";
import { type ControlsTexts, fill } from "../texts/player-texts.ts";

/** Being without neighbors is worth a word after this long, in ms: connecting takes a second. */
const ALONE_MS = 10_000;

const OFF_WORDS: Record<P2pOffReason, keyof ControlsTexts> = {
  "no-webrtc": "noWebRtc",
  "switched-off": "p2pSwitchedOff",
  "no-consent": "p2pNoConsent",
  metered: "p2pSaving",
  "battery-low": "p2pBatteryLow",
  "budget-used-up": "p2pBudgetUsedUp",
  "small-audience": "p2pSmallAudience",
  hidden: "p2pHidden",
};

/** What is out of the ordinary while it plays; undefined when nothing is. */
export function noticeFor(mesh: MeshFacts, texts: ControlsTexts): string | undefined {
  if (!mesh.p2p.isOn) return texts[OFF_WORDS[mesh.p2p.reason]];
  if (mesh.aloneMs < ALONE_MS) return undefined;
  return mesh.isTrackerOnline ? texts.nobodyReached : texts.trackerAway;
}

/** What is said beside a picture that has no sound here. */
export function noSoundNotice(
  leftOut: readonly LeftOut[],
  texts: ControlsTexts,
): string | undefined {
  const sound = leftOut.find(({ kind }) => kind === "audio");
  return sound && fill(texts.noSound, { codec: codecName(sound.codec) });
}
