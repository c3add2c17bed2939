import { fromHex, peerIdFromBytes, type Signal, toHex } from "#protocol";
import type { Link, LinkCloseReason, LinkFactory, LinkRole } from "../../link.ts";

/** What a page asks of links that live in the test process. */
export type RemoteLinkCall =
  | { op: "create"; id: number; role: LinkRole }
  | { op: "send"; id: number; hex: string }
  | { op: "signal"; id: number; signal: Signal }
  | { op: "close"; id: number }
  | { op: "close-all" };

/** What those links say. */
export type RemoteLinkEvent =
  | { type: "open"; id: number; bufferedBytes: number }
  | { type: "message"; id: number; hex: string; bufferedBytes: number }
  | { type: "drain"; id: number; bufferedBytes: number }
  | { type: "close"; id: number; reason: LinkCloseReason; bufferedBytes: number }
  | { type: "signal"; id: number; signal: Signal; bufferedBytes: number };

/**
 * The page's end: a link factory whose links are somewhere else, so that one conformance suite can
 * look at both ends of a connection between a page and this process.
 */
export function remoteLinks(call: (call: RemoteLinkCall) => void): {
  factory: LinkFactory;
  handle: (event: RemoteLinkEvent) => void;
} {
  const listeners = new Map<number, (event: RemoteLinkEvent) => void>();
  let linkCount = 0;
  return {
    handle: (event) => listeners.get(event.id)?.(event),
    factory: {
      create(_peer, role, handlers) {
        const id = ++linkCount;
        let bufferedBytes = 0;
        listeners.set(id, (event) => {
          bufferedBytes = event.bufferedBytes;
          switch (event.type) {
            case "open":
              return handlers.onOpen();
            case "message":
              return handlers.onMessage(fromHex(event.hex));
            case "drain":
              return handlers.onDrain();
            case "close":
              return handlers.onClose(event.reason);
            case "signal":
              return handlers.onSignal(event.signal);
          }
        });
        call({ op: "create", id, role });
        const link: Link = {
          get bufferedBytes() {
            return bufferedBytes;
          },
          send: (bytes) => call({ op: "send", id, hex: toHex(bytes) }),
          signal: (signal) => call({ op: "signal", id, signal }),
          close: () => call({ op: "close", id }),
        };
        return link;
      },
      close: () => call({ op: "close-all" }),
    },
  };
}

/** The test process's end. */
export class RemoteLinkHost {
  readonly #factory: LinkFactory;
  readonly #emit: (event: RemoteLinkEvent) => void;
  readonly #links = new Map<number, Link>();

  constructor(factory: LinkFactory, emit: (event: RemoteLinkEvent) => void) {
    this.#factory = factory;
    this.#emit = emit;
  }

  perform(call: RemoteLinkCall): void {
    switch (call.op) {
      case "create":
        this.#create(call.id, call.role);
        return;
      case "send":
        this.#links.get(call.id)?.send(fromHex(call.hex));
        return;
      case "signal":
        this.#links.get(call.id)?.signal(call.signal);
        return;
      case "close":
        this.#links.get(call.id)?.close();
        return;
      case "close-all":
        this.#factory.close();
        return;
    }
  }

  #create(id: number, role: LinkRole): void {
    const bufferedBytes = () => this.#links.get(id)?.bufferedBytes ?? 0;
    const emit = this.#emit;
    const link = this.#factory.create(
      { peerId: peerIdFromBytes(new Uint8Array(10)), role: "viewer" },
      role,
      {
        onOpen: () => emit({ type: "open", id, bufferedBytes: bufferedBytes() }),
        onMessage: (bytes) =>
          emit({ type: "message", id, hex: toHex(bytes), bufferedBytes: bufferedBytes() }),
        onDrain: () => emit({ type: "drain", id, bufferedBytes: bufferedBytes() }),
        onClose: (reason) => emit({ type: "close", id, reason, bufferedBytes: bufferedBytes() }),
        onSignal: (signal) => emit({ type: "signal", id, signal, bufferedBytes: bufferedBytes() }),
      },
    );
    this.#links.set(id, link);
  }
}
