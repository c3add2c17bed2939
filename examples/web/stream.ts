/** The server of these examples, and its first stream. On a page of your own, both are known. */
export const server = new URLSearchParams(location.search).get("server") ?? "http://127.0.0.1:8080";

export async function firstStreamId(): Promise<string> {
  const response = await fetch(new URL("/api/streams", server));
  const [stream] = (await response.json()) as { id: string }[];
  if (stream === undefined) throw new Error(`${server} has no stream`);
  return stream.id;
}

/** For HLS players. */
export async function playlistUrl(): Promise<string> {
  return `${server}/streams/${await firstStreamId()}/hls/master.m3u8`;
}

/** For `<livemesh-player>`. */
export async function watchUrl(): Promise<string> {
  return `${server}/watch/${await firstStreamId()}`;
}
