import type { Signal } from "#protocol";
import { candidateKind } from "./ice-attempt.ts";

/**
 * What of our negotiation may leave in relay-only mode: relay candidates, without the address behind
 * the relay. Browsers are told the same (`iceTransportPolicy`); this holds where one errs.
 * @returns Undefined where nothing is left.
 */
export function withoutAddresses(signal: Signal): Signal | undefined {
  if (signal.type === "candidate") {
    const candidate = relayCandidate(signal.candidate);
    return candidate === undefined ? undefined : { ...signal, candidate };
  }
  const lines = signal.sdp.split("\r\n").flatMap((line) => keptLine(line) ?? []);
  return { ...signal, sdp: lines.join("\r\n") };
}

function keptLine(line: string): string | undefined {
  if (line.startsWith("a=candidate:")) return relayCandidate(line);
  // Where the default candidate would be reached: nobody who does ICE looks at it.
  if (line.startsWith("c=IN ")) return "c=IN IP4 0.0.0.0";
  if (line.startsWith("a=rtcp:")) return undefined;
  return line;
}

function relayCandidate(candidate: string): string | undefined {
  if (candidateKind(candidate) !== "relay") return undefined;
  return candidate.replace(/ raddr \S+ rport \S+/, " raddr 0.0.0.0 rport 9");
}
