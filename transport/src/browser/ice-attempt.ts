import type { Signal } from "#protocol";

/** How an address was found (RFC 8445, section 5.1.1): the last two reveal least and most. */
export type CandidateKind = "host" | "srflx" | "prflx" | "relay";

/** How far one try to connect came. Holds no addresses. */
export type IceAttempt = {
  /** The data channel opened. */
  isOpen: boolean;
  /** Kinds of candidates this side found and the other side told of. */
  local: readonly CandidateKind[];
  remote: readonly CandidateKind[];
  /** The other side answered, or asked. */
  hasRemoteDescription: boolean;
  /** A path was found, whether or not anything could be sent over it. */
  isIceConnected: boolean;
  /** What STUN and TURN servers said no to; 701 is our browser's word for no answer at all. */
  serverErrors: readonly { url: string; code: number }[];
};

/** Against a browser that reports each server for each of a hundred network interfaces. */
const SERVER_ERRORS_MAX = 8;

/** Watches one connection come about, from the outside. */
export class IceAttemptWatch {
  readonly #local = new Set<CandidateKind>();
  readonly #remote = new Set<CandidateKind>();
  readonly #serverErrors: { url: string; code: number }[] = [];
  #hasRemoteDescription = false;
  #isIceConnected = false;

  watch(connection: RTCPeerConnection): void {
    connection.addEventListener("icecandidate", ({ candidate }) => {
      note(this.#local, candidate?.candidate ?? "");
    });
    connection.addEventListener("icecandidateerror", ({ url, errorCode: code }) => {
      if (this.#serverErrors.length < SERVER_ERRORS_MAX) this.#serverErrors.push({ url, code });
    });
    connection.addEventListener("iceconnectionstatechange", () => {
      const { iceConnectionState: state } = connection;
      if (state === "connected" || state === "completed") this.#isIceConnected = true;
    });
  }

  /** Negotiation came from the other side. */
  heard(signal: Signal): void {
    if (signal.type === "candidate") return note(this.#remote, signal.candidate);
    this.#hasRemoteDescription = true;
    for (const [line] of signal.sdp.matchAll(/^a=candidate:.*$/gm)) note(this.#remote, line);
  }

  report(isOpen: boolean): IceAttempt {
    return {
      isOpen,
      local: [...this.#local],
      remote: [...this.#remote],
      hasRemoteDescription: this.#hasRemoteDescription,
      isIceConnected: this.#isIceConnected,
      serverErrors: [...this.#serverErrors],
    };
  }
}

/** Of a candidate's text; undefined for what is none. */
export function candidateKind(candidate: string): CandidateKind | undefined {
  const kind = candidate.match(/ typ (host|srflx|prflx|relay)(?: |$)/)?.[1];
  return kind as CandidateKind | undefined;
}

function note(kinds: Set<CandidateKind>, candidate: string): void {
  const kind = candidateKind(candidate);
  if (kind !== undefined) kinds.add(kind);
}
