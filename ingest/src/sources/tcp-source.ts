import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { LIVE_AHEAD_MS, type Source, type SourceEvent } from "../source.ts";
import { type BackOffOptions, backOffMs, DEFAULT_BACK_OFF } from "./back-off.ts";
import { describeFailure } from "./describe-failure.ts";
import type { HostAndPort } from "./parse-address.ts";
import { DEFAULT_SILENCE_MS, guardSilence } from "./silence.ts";
import { readSlices } from "./slices.ts";

export type TcpSourceOptions = Partial<BackOffOptions> & {
  /** How long a server may take to accept, or send nothing, before it is given up, in ms. */
  silenceMs?: number;
  /** From 0 up to 1. Default `Math.random`. */
  random?: () => number;
};

/** A TCP server that sends MPEG-TS; connected to for ever, with growing pauses while it is away. */
export class TcpSource implements Source {
  readonly aheadMs = LIVE_AHEAD_MS;
  readonly #address: HostAndPort;
  readonly #backOff: BackOffOptions;
  readonly #silenceMs: number;
  readonly #random: () => number;

  constructor(
    readonly name: string,
    address: HostAndPort,
    { silenceMs = DEFAULT_SILENCE_MS, random = Math.random, ...backOff }: TcpSourceOptions = {},
  ) {
    this.#address = address;
    this.#backOff = { ...DEFAULT_BACK_OFF, ...backOff };
    this.#silenceMs = silenceMs;
    this.#random = random;
  }

  async *events(signal: AbortSignal): AsyncGenerator<SourceEvent, void, void> {
    /** Tries in a row that brought no bytes. */
    let failures = 0;
    let lastWarning: string | undefined;
    while (!signal.aborted) {
      const attempt = { hasConnected: false, hasBytes: false, failure: undefined as unknown };
      try {
        const socket = this.#connect();
        socket.once("connect", () => {
          attempt.hasConnected = true;
        });
        for await (const bytes of readSlices(socket, signal)) {
          if (!attempt.hasBytes) yield { type: "start", description: this.name };
          attempt.hasBytes = true;
          yield { type: "bytes", bytes };
        }
      } catch (error) {
        attempt.failure = error;
      }
      if (signal.aborted) return;
      const reason = describeAttempt(attempt);
      if (attempt.hasBytes) {
        yield { type: "end", reason };
        failures = 0;
        lastWarning = undefined;
      } else if (reason !== lastWarning) {
        // Said once, not at every try: a server may be away all night.
        yield {
          type: "warning",
          message: `${this.name}: ${reason}; trying again until it is there`,
        };
        lastWarning = reason;
      }
      const pauseMs = backOffMs(this.#backOff, failures++, this.#random());
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  #connect(): Socket {
    const socket = connect({ ...this.#address, keepAlive: true, noDelay: true });
    guardSilence(socket, this.#silenceMs);
    return socket;
  }
}

function describeAttempt(attempt: {
  hasConnected: boolean;
  hasBytes: boolean;
  failure: unknown;
}): string {
  if (attempt.failure !== undefined) return describeFailure(attempt.failure);
  return attempt.hasBytes ? "the server closed the connection" : "the server sent nothing";
}
