import type { FastifyRequest } from "fastify";
import type { ApiStream } from "#protocol";

const DESCRIPTION = "Live video, about a second behind, carried by its viewers.";
/** Size of an embedded player nobody gave one, in CSS pixels. */
export const EMBED_SIZE = { width: 640, height: 360 };
/** What an embedded player may need of the page around it. */
export const EMBED_ALLOW = "autoplay; fullscreen; picture-in-picture; encrypted-media";

/** Where the page's tags go; before it stands the title. */
const PLACE = /<title>[^<]*<\/title>/;

export type PageStream = Pick<ApiStream, "id" | "title" | "live" | "still" | "tracks">;

/** The address people reach this server at, as far as one request tells. */
export function publicUrl(request: FastifyRequest, isBehindProxy: boolean): string {
  const forwarded = (name: string) => {
    const value = request.headers[name];
    return isBehindProxy && typeof value === "string" ? value.split(",")[0]?.trim() : undefined;
  };
  const protocol = forwarded("x-forwarded-proto") === "https" ? "https" : request.protocol;
  const host = forwarded("x-forwarded-host") ?? request.headers.host ?? "";
  // Whoever asks may write anything there; it comes back in the page.
  return `${protocol}://${/^[\w.:[\]-]{1,255}$/.test(host) ? host : "localhost"}`;
}

/** A watch page that says what it shows, to those who only read the page: chat programs, search. */
export function withStreamTags(page: string, stream: PageStream, baseUrl: string): string {
  return page.replace(PLACE, () => streamTags(stream, baseUrl));
}

export function streamTags(stream: PageStream, baseUrl: string): string {
  const watchUrl = `${baseUrl}/watch/${stream.id}`;
  const embedUrl = `${baseUrl}/embed/${stream.id}`;
  const title = stream.title.trim() === "" ? "Live stream" : stream.title;
  const { width, height } = EMBED_SIZE;
  const pictures = [...pictureUrls(stream, baseUrl), `${baseUrl}/card.png`];
  const properties: [string, string][] = [
    ["og:type", "video.other"],
    ["og:site_name", "livemesh"],
    ["og:title", title],
    ["og:description", DESCRIPTION],
    ["og:url", watchUrl],
    ...pictures.map((url): [string, string] => ["og:image", url]),
    ["og:video", embedUrl],
    ["og:video:type", "text/html"],
    ["og:video:width", String(width)],
    ["og:video:height", String(height)],
  ];
  const oembed = `${baseUrl}/oembed?url=${encodeURIComponent(watchUrl)}`;
  return [
    `<title>${escapeHtml(title)} · livemesh</title>`,
    `<meta name="description" content="${escapeHtml(DESCRIPTION)}" />`,
    `<link rel="canonical" href="${escapeHtml(watchUrl)}" />`,
    `<link rel="alternate" type="application/json+oembed" href="${escapeHtml(oembed)}" title="${escapeHtml(title)}" />`,
    `<meta name="twitter:card" content="summary_large_image" />`,
    ...properties.map(
      ([name, value]) => `<meta property="${name}" content="${escapeHtml(value)}" />`,
    ),
  ].join("\n    ");
}

/** The answer of `/oembed` for a stream (oEmbed 1.0, type `video`). */
export function oembedAnswer(
  stream: PageStream,
  baseUrl: string,
  bounds: { maxWidth?: number | undefined; maxHeight?: number | undefined },
): Record<string, string | number> {
  const { width, height } = fitInto(stream, bounds);
  const [thumbnailUrl] = pictureUrls(stream, baseUrl);
  const title = stream.title.trim() === "" ? "Live stream" : stream.title;
  return {
    type: "video",
    version: "1.0",
    title,
    provider_name: "livemesh",
    provider_url: baseUrl,
    // What a stream is called and whether it is live changes.
    cache_age: 60,
    ...(thumbnailUrl === undefined
      ? {}
      : { thumbnail_url: thumbnailUrl, thumbnail_width: 640, thumbnail_height: 360 }),
    html: embedSnippet({ url: `${baseUrl}/embed/${stream.id}`, title, width, height }),
    width,
    height,
  };
}

/** What somebody pastes into a page. */
export function embedSnippet(frame: {
  url: string;
  title: string;
  width: number;
  height: number;
}): string {
  const { url, title, width, height } = frame;
  return (
    `<iframe src="${escapeHtml(url)}" width="${width}" height="${height}" title="${escapeHtml(title)}" ` +
    `style="border:0" allow="${EMBED_ALLOW}"></iframe>`
  );
}

function pictureUrls({ still }: PageStream, baseUrl: string): string[] {
  const url = still?.pictureUrl ?? "";
  return URL.canParse(url, baseUrl) && url !== "" ? [new URL(url, baseUrl).href] : [];
}

/** As large as allowed, in the picture's own proportions. */
function fitInto(
  { tracks }: PageStream,
  {
    maxWidth = EMBED_SIZE.width,
    maxHeight,
  }: { maxWidth?: number | undefined; maxHeight?: number | undefined },
): { width: number; height: number } {
  const sized = tracks.find((track) => track.width && track.height);
  const ratio = (sized?.width ?? 16) / (sized?.height ?? 9);
  const width = Math.min(maxWidth, (maxHeight ?? Number.POSITIVE_INFINITY) * ratio);
  return { width: Math.round(width), height: Math.round(width / ratio) };
}

function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    "&": "amp",
    "<": "lt",
    ">": "gt",
    '"': "quot",
    "'": "#39",
  };
  return text.replace(/[&<>"']/g, (character) => `&${names[character]};`);
}
