import type { DatagramFormat, DatagramReader } from "./datagram-inbox.ts";

/** Datagrams that hold MPEG-TS and nothing else. Their order is taken as it comes. */
export const MPEG_TS_DATAGRAMS: DatagramFormat = {
  // Whether it is MPEG-TS is the packager's to say.
  streamOf: (datagram) => (datagram.length > 0 ? 0 : undefined),
  describeStranger: () => undefined,
  createReader: (): DatagramReader => ({
    lostCount: 0,
    wakeAtMs: Number.POSITIVE_INFINITY,
    push: (datagram) => [datagram],
    release: () => [],
  }),
};
