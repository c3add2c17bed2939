import { describe, expect, it } from "vitest";
import { parseMediaUrl } from "./media-url.ts";

const id = "abcdefghijklmnopqrstuvwxyz234567";
const at = (path: string) => parseMediaUrl(`https://live.example.org/streams/${id}/${path}`);

describe("addresses in playlists", () => {
  it("names a part by its chunk, and a segment by its first and last", () => {
    expect(at("tracks/v0/chunks/41.m4s")).toEqual({
      streamId: id,
      baseUrl: "https://live.example.org",
      type: "media",
      range: { trackId: "v0", first: 41, last: 41 },
    });
    expect(at("hls/a0/40-49.m4s")).toMatchObject({ range: { trackId: "a0", first: 40, last: 49 } });
    expect(at("hls/v0/init-0123456789abcdef.mp4")).toMatchObject({
      type: "init",
      trackId: "v0",
      hash: "0123456789abcdef",
    });
  });

  it("keeps the folder an origin is in, and forgets tokens in the query", () => {
    const address = `http://cdn.example/eu/streams/${id}/hls/v0/1-2.m4s?token=x`;
    expect(parseMediaUrl(address)?.baseUrl).toBe("http://cdn.example/eu");
  });

  it.each([
    "hls/v0/playlist.m3u8",
    "hls/v0/9-8.m4s",
    "hls/v0/1-301.m4s",
    "hls/v0/1-99999999999.m4s",
    "hls/../v0/init-xyz.mp4",
    "tracks/v0/blocks/4",
  ])("leaves %s to the player", (path) => {
    expect(at(path)).toBeUndefined();
  });

  it.each(["https://cdn.example/seg1.m4s", "nonsense", `data:/streams/${id}/hls/v0/1-2.m4s`])(
    "leaves %s to the player",
    (address) => expect(parseMediaUrl(address)).toBeUndefined(),
  );
});
