import { type PeerId, peerIdFromBytes, type Signal } from "#protocol";
import type { Link, LinkCloseReason, LinkFactory, LinkRole } from "../link.ts";

/** How long anything may take before a check fails, in ms: ICE on a busy machine, with room. */
const PATIENCE_MS = 10_000;

export const DIALER = peerIdFromBytes(new Uint8Array(10).fill(1));
export const ANSWERER = peerIdFromBytes(new Uint8Array(10).fill(2));

export type RecordedEvent =
  | { type: "open" }
  | { type: "message"; bytes: Uint8Array }
  | { type: "drain" }
  | { type: "close"; reason: LinkCloseReason };

/** A link and everything it said, for checks to wait on and look at. */
export class RecordedLink {
  readonly events: RecordedEvent[] = [];
  readonly link: Link;
  /** Where this end's negotiation goes. */
  onSignal: (signal: Signal) => void = () => {};
  /** For checks that act from inside a callback. */
  onEvent: (event: RecordedEvent) => void = () => {};
  readonly #name: string;
  readonly #waiting = new Set<() => void>();

  constructor(factory: LinkFactory, role: LinkRole) {
    this.#name = role;
    const peerId: PeerId = role === "dial" ? ANSWERER : DIALER;
    this.link = factory.create({ peerId, role: "viewer" }, role, {
      onOpen: () => this.#record({ type: "open" }),
      onMessage: (bytes) => this.#record({ type: "message", bytes }),
      onDrain: () => this.#record({ type: "drain" }),
      onClose: (reason) => this.#record({ type: "close", reason }),
      onSignal: (signal) => this.onSignal(signal),
    });
  }

  get messages(): Uint8Array[] {
    return this.events.flatMap((event) => (event.type === "message" ? [event.bytes] : []));
  }

  get isOpen(): boolean {
    return this.events.some(({ type }) => type === "open");
  }

  get closeReason(): LinkCloseReason | undefined {
    return this.events.flatMap((event) => (event.type === "close" ? [event.reason] : []))[0];
  }

  count(type: RecordedEvent["type"]): number {
    return this.events.filter((event) => event.type === type).length;
  }

  /** Resolves as soon as an event makes `condition` true. @throws When that takes too long. */
  until(what: string, condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const seen = this.events
          .map((event) => (event.type === "close" ? `close (${event.reason})` : event.type))
          .slice(-20);
        reject(
          new Error(
            `${this.#name} end: waited in vain for ${what}; saw ${seen.join(", ") || "nothing"}`,
          ),
        );
      }, PATIENCE_MS);
      this.#waiting.add(look);
      look();
    });
  }

  #record(event: RecordedEvent): void {
    this.events.push(event);
    this.onEvent(event);
    for (const look of this.#waiting) look();
  }
}
