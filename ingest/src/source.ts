/** What a source yields: bytes as they came, or the news that what follows is a new beginning. */
export type SourceEvent =
  | { type: "bytes"; bytes: Uint8Array }
  /** An encoder (re)connected, or a file started over: timestamps may start anywhere. */
  | { type: "start"; description: string }
  /** The encoder went away; the source keeps waiting or reconnecting by itself. */
  | { type: "end"; reason: string }
  | { type: "warning"; message: string };

/**
 * Where MPEG-TS comes from. Iterating pulls: a consumer that does not ask for more makes the source
 * stop reading (TCP back-pressure), which is how a source faster than real time is slowed down.
 * Iteration ends when there will never be more.
 */
export interface Source {
  readonly name: string;
  events(signal: AbortSignal): AsyncIterable<SourceEvent>;
}
