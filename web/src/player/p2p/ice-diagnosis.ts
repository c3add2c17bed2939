import type { IceFailureStage } from "#protocol";
import type { IceAttempt } from "#transport/browser";

/**
 * Why no neighbor could be reached, by the stage at which it ended:
 * - `ice-no-candidates`: our browser names no address at all.
 * - `ice-no-relay`: relay-only, and there is no relay.
 * - `ice-relay-refused`: a TURN server said no.
 * - `ice-server-silent`: a STUN or TURN server did not answer.
 * - `ice-no-answer`: the other side never answered.
 * - `ice-no-path`: addresses on both sides, but nothing gets through.
 * - `ice-no-channel`: a path, but no data channel on it.
 */
export type IceDiagnosis =
  | { code: "ice-no-candidates" | "ice-no-relay" | "ice-no-answer" }
  | { code: "ice-no-path" | "ice-no-channel" }
  | { code: "ice-server-silent"; url: string }
  | { code: "ice-relay-refused"; url: string; status: number };

/** Our browser's word for a server that cannot be reached (WebRTC, section 4.8.3). */
const UNREACHABLE = 701;

/** Undefined for a try that succeeded. */
export function diagnose(attempt: IceAttempt, isRelayOnly: boolean): IceDiagnosis | undefined {
  if (attempt.isOpen) return undefined;
  const { local, hasRemoteDescription, isIceConnected } = attempt;
  if (isIceConnected) return { code: "ice-no-channel" };
  if (local.length === 0) return serverTrouble(attempt) ?? nothingFound(isRelayOnly);
  if (!hasRemoteDescription) return { code: "ice-no-answer" };
  const hasOutside = local.includes("srflx") || local.includes("relay");
  return (hasOutside ? undefined : serverTrouble(attempt)) ?? { code: "ice-no-path" };
}

/** As it is counted by trackers. */
export function iceFailureStage({ code }: IceDiagnosis): IceFailureStage {
  return code.slice("ice-".length) as IceFailureStage;
}

function nothingFound(isRelayOnly: boolean): IceDiagnosis {
  return { code: isRelayOnly ? "ice-no-relay" : "ice-no-candidates" };
}

function serverTrouble({ serverErrors }: IceAttempt): IceDiagnosis | undefined {
  const refusal = serverErrors.find(({ code }) => code !== UNREACHABLE);
  if (refusal !== undefined) {
    return { code: "ice-relay-refused", url: refusal.url, status: refusal.code };
  }
  const [silent] = serverErrors;
  return silent === undefined ? undefined : { code: "ice-server-silent", url: silent.url };
}
