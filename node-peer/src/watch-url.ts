import { isStreamId, type StreamId } from "#protocol";
import { NodePeerError } from "./node-peer-error.ts";

/** Which stream, and whose tracker and origin know it. */
export type StreamPlace = {
  streamId: StreamId;
  /** Of tracker and pages, for one `https://live.example.org`. */
  serverUrl: string;
  /** What lets a viewer in there: `?token=` of the address. */
  token?: string;
};

/**
 * Read the address a viewer would open.
 * @param knownPeer Where a peer introduces others, `http://host:port`: then a stream id alone will do.
 * @throws {NodePeerError} `bad-address`
 */
export function parseWatchUrl(text: string, knownPeer?: string): StreamPlace {
  if (knownPeer !== undefined && isStreamId(text)) return { streamId: text, serverUrl: knownPeer };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const streamId = url?.pathname.match(/\/watch\/([^/]+)\/?$/)?.[1];
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  if (url === undefined || !isHttp || streamId === undefined || !isStreamId(streamId)) {
    throw new NodePeerError(
      "bad-address",
      `${JSON.stringify(text.slice(0, 80))} is no watch URL; needed is the address a viewer opens, ` +
        "http(s)://HOST/watch/ and a stream id of 32 characters",
    );
  }
  const token = url.searchParams.get("token");
  return { streamId, serverUrl: url.origin, ...(token !== null && { token }) };
}
