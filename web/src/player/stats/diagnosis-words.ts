import type { IceDiagnosis } from "../p2p/ice-diagnosis.ts";
import { type ControlsTexts, fill } from "../texts/player-texts.ts";

/** What failed, and what to open, for people. */
export function diagnosisWords(diagnosis: IceDiagnosis, texts: ControlsTexts): string {
  switch (diagnosis.code) {
    case "ice-no-candidates":
      return texts.iceNoCandidates;
    case "ice-no-relay":
      return texts.iceNoRelay;
    case "ice-no-answer":
      return texts.iceNoAnswer;
    case "ice-no-path":
      return texts.iceNoPath;
    case "ice-no-channel":
      return texts.iceNoChannel;
    case "ice-server-silent":
      return fill(texts.iceNoServer, { url: diagnosis.url });
    case "ice-relay-refused":
      return fill(texts.iceRelayRefused, { url: diagnosis.url, code: diagnosis.status });
  }
}
