import type { HeldChunk } from "./chunk-window.ts";
import type { DvrStore } from "./dvr/dvr-store.ts";
import { HeldRequests } from "./held-requests.ts";
import { HlsPresentation } from "./hls/presentation.ts";
import { WaitingRoom } from "./hls/waiting-room.ts";
import { JoinResponse } from "./join-response.ts";
import { PastIndex } from "./past-index.ts";
import type { Publisher } from "./publisher.ts";
import { StillPictures } from "./still/still-pictures.ts";

/** A stream as the origin's routes need it. */
export type ServedStream = {
  readonly publisher: Publisher;
  readonly join: JoinResponse;
  readonly held: HeldRequests;
  readonly waiting: WaitingRoom;
  readonly presentation: HlsPresentation;
  readonly stills: StillPictures;
  /** Of successful answers, without headers. */
  sentBytes: number;
  /** A chunk, as far back as there are any. */
  find(track: number, sequence: number): Promise<HeldChunk | undefined>;
  /** What there is in the past, by time. */
  readonly past: PastIndex;
};

declare module "fastify" {
  interface FastifyRequest {
    /** What a request below `/streams/:id` is about. */
    stream: ServedStream;
  }
}

export function serveStream(publisher: Publisher, dvr: DvrStore | undefined): ServedStream {
  const { limits, window } = publisher;
  if (dvr !== undefined) window.handOldTo((chunk) => dvr.add(chunk));
  const held = new HeldRequests(limits);
  const waiting = new WaitingRoom({ max: limits.heldRequests, maxMs: limits.reloadMs });
  const presentation = new HlsPresentation({
    publisher,
    spanMs: dvr?.spanMs,
    oldestSequence: (track) => dvr?.oldest(track) ?? window.oldest(track)?.sequence,
  });
  publisher.listen({
    onChunk(chunk) {
      presentation.add(chunk);
      held.chunkMade(chunk);
      waiting.look();
    },
  });
  const join = new JoinResponse(publisher);
  const find = async (track: number, sequence: number) =>
    window.get(track, sequence) ?? (await dvr?.find(track, sequence));
  const past = new PastIndex({
    publisher,
    oldestSequence: (track) => dvr?.oldest(track) ?? window.oldest(track)?.sequence,
    meta: (track, sequence) => window.get(track, sequence) ?? dvr?.meta(track, sequence),
  });
  const stills = new StillPictures(publisher);
  return { publisher, join, held, waiting, presentation, stills, sentBytes: 0, find, past };
}

/** Answers all who wait, with nothing. */
export function letGo({ held, waiting }: ServedStream): void {
  held.close();
  waiting.close();
}
