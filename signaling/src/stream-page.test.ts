import type { FastifyRequest } from "fastify";
import { describe, expect, it } from "vitest";
import type { StreamId } from "#protocol";
import {
  embedSnippet,
  oembedAnswer,
  type PageStream,
  publicUrl,
  withStreamTags,
} from "./stream-page.ts";

const id = "abcdefghijklmnopqrstuvwxyz234567" as StreamId;
const base = "https://live.example";
const still = {
  movieUrl: `/streams/${id}/still.mp4`,
  pictureUrl: `/streams/${id}/still.jpg`,
};

function stream(changes: Partial<PageStream> = {}): PageStream {
  const video = { id: "v0", kind: "video", codec: "avc1.64001e", bitrateBps: 1e6 } as const;
  return {
    id,
    title: "Harbor",
    live: true,
    still,
    tracks: [{ ...video, width: 1280, height: 720 }],
    ...changes,
  };
}

const page = "<head><title>Live · livemesh</title></head>";

describe("a watch page for those who only read it", () => {
  it("says what it shows, with a picture, and where the player for frames is", () => {
    const text = withStreamTags(page, stream(), base);
    expect(text).toContain("<title>Harbor · livemesh</title>");
    expect(text).toContain(`property="og:url" content="${base}/watch/${id}"`);
    expect(text).toContain(`property="og:image" content="${base}/streams/${id}/still.jpg"`);
    expect(text).toContain(`property="og:video" content="${base}/embed/${id}"`);
    expect(text).toContain(
      `href="${base}/oembed?url=${encodeURIComponent(`${base}/watch/${id}`)}"`,
    );
  });

  it("takes a title for a text, whatever is in it", () => {
    const title = `"><script>alert(1)</script> $& $1`;
    const text = withStreamTags(page, stream({ title }), base);
    expect(text).not.toContain("<script>");
    expect(text).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt; $&amp; $1");
  });

  it("has a picture of ours where the stream has none, and a name where it has none", () => {
    const { still: _, ...blind } = stream({ title: " " });
    const text = withStreamTags(page, blind, base);
    expect(text).toContain(`property="og:image" content="${base}/card.png"`);
    expect(text).not.toContain("still.jpg");
    expect(text).toContain('property="og:title" content="Live stream"');
  });
});

describe("oEmbed", () => {
  it("answers with a frame of the size that fits, and what it needs to be allowed", () => {
    const answer = oembedAnswer(stream(), base, { maxWidth: 480, maxHeight: 180 });
    expect(answer).toMatchObject({
      type: "video",
      version: "1.0",
      title: "Harbor",
      width: 320,
      height: 180,
    });
    expect(answer.html).toBe(
      embedSnippet({ url: `${base}/embed/${id}`, title: "Harbor", width: 320, height: 180 }),
    );
    expect(answer.html).toContain('allow="autoplay; fullscreen;');
    expect(answer.thumbnail_url).toBe(`${base}/streams/${id}/still.jpg`);
  });
});

describe("the address people reach us at", () => {
  const request = (headers: Record<string, string>) =>
    ({ protocol: "http", headers }) as unknown as FastifyRequest;

  it("is what was asked for, and what a proxy says only if there is one", () => {
    const headers = {
      host: "10.0.0.7:8080",
      "x-forwarded-host": "live.example",
      "x-forwarded-proto": "https",
    };
    expect(publicUrl(request(headers), false)).toBe("http://10.0.0.7:8080");
    expect(publicUrl(request(headers), true)).toBe("https://live.example");
  });

  it("is never something else than a host", () => {
    expect(publicUrl(request({ host: 'x"><script>' }), false)).toBe("http://localhost");
  });
});
