import { Input, MATROSKA, MP4, QTFF, ReadableStreamSource, WEBM } from "mediabunny";
import type { SourceEvent } from "../source.ts";
import { describeFailure } from "../sources/describe-failure.ts";
import { CONTAINER_HEAD_BYTES, containerKind } from "./container-kind.ts";
import { mediaPackets } from "./media-packets.ts";

/** What mediabunny may keep of a stream, in bytes: one fragment of a second at 100 Mbit/s. */
const CACHE_BYTES = 16 * 1024 * 1024;

type Events = AsyncIterator<SourceEvent, void>;
type Next = IteratorResult<SourceEvent, void>;

/**
 * What an encoder sends as MP4 (in fragments), Matroska or WebM becomes packets; all else stays
 * bytes. Which it is, is told anew whenever an encoder connects.
 */
export async function* unwrap(
  source: AsyncIterable<SourceEvent>,
): AsyncGenerator<SourceEvent, void, void> {
  const events = source[Symbol.asyncIterator]() as Events;
  let isBeginning = true;
  try {
    for (let next: Next = await events.next(); !next.done; ) {
      const { value } = next;
      if (value.type === "start" || value.type === "end") isBeginning = true;
      if (value.type === "bytes" && isBeginning) {
        isBeginning = false;
        const head = value.bytes.subarray(0, CONTAINER_HEAD_BYTES);
        const kind = containerKind(head);
        if (kind !== undefined) {
          next = yield* packetsOf(kind, value.bytes, events);
          continue;
        }
      }
      yield value;
      next = await events.next();
    }
  } finally {
    await events.return?.();
  }
}

/** @returns The event that ended it. */
async function* packetsOf(
  kind: string,
  first: Uint8Array,
  events: Events,
): AsyncGenerator<SourceEvent, Next, void> {
  const feed = new ContainerFeed(first, events);
  const source = new ReadableStreamSource(feed.stream, {
    maxCacheSize: CACHE_BYTES,
    handleUnhandledError: () => {},
  });
  const input = new Input({ source, formats: [MP4, QTFF, MATROSKA, WEBM] });
  try {
    for await (const event of mediaPackets(input)) {
      yield* feed.takeAsides();
      yield event;
    }
  } catch (error) {
    const why = describeFailure(error);
    yield { type: "warning", message: `the ${kind} that came cannot be read: ${why}` };
  } finally {
    input.dispose();
  }
  // Whatever follows what could be read: an encoder must not be left standing.
  for (;;) {
    yield* feed.takeAsides();
    const after = await feed.skip();
    if (after !== undefined) return after;
  }
}

/** The bytes of one encoder as a stream, from events that tell more than bytes. */
class ContainerFeed {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #events: Events;
  #asides: SourceEvent[] = [];
  #after: Next | undefined;

  constructor(first: Uint8Array, events: Events) {
    this.#events = events;
    let held: Uint8Array | undefined = first;
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const bytes = held ?? (await this.#next());
          held = undefined;
          if (bytes === undefined) controller.close();
          else controller.enqueue(bytes);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** What came between the bytes: waits and warnings. */
  takeAsides(): SourceEvent[] {
    const asides = this.#asides;
    this.#asides = [];
    return asides;
  }

  /** Throw away what comes next. @returns The event that ends it, if it was that. */
  async skip(): Promise<Next | undefined> {
    if (this.#after === undefined) await this.#next();
    return this.#after;
  }

  async #next(): Promise<Uint8Array | undefined> {
    while (this.#after === undefined) {
      const next = await this.#events.next();
      if (!next.done && next.value.type === "bytes") return next.value.bytes;
      const isEnd = next.done || next.value.type === "start" || next.value.type === "end";
      if (isEnd) this.#after = next;
      else this.#asides.push(next.value);
    }
    return undefined;
  }
}
