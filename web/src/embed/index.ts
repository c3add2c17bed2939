import { parseStreamAddress } from "../player/stream-address.ts";
import { LivemeshEmbed } from "./livemesh-embed.ts";

export type { PlayerEvents } from "../player/player-events.ts";
export type { PlayerStats } from "../player/player-stats.ts";
export { LivemeshEmbed } from "./livemesh-embed.ts";

/** What a frame needs to be allowed for everything the player can do. */
const ALLOW = "autoplay; fullscreen; picture-in-picture; encrypted-media";

export type EmbedOptions = {
  /** Begin by itself; muted where the browser asks for that. Default true. */
  autoplay?: boolean;
  muted?: boolean;
  /** Attributes of `<livemesh-player>`, as in `{ p2p: "off" }`. */
  attributes?: Record<string, string>;
  /** What screen readers call the frame. Default `Live stream`. */
  title?: string;
};

/**
 * Put a player into an element of the page, in a frame that fills it.
 * @param watchUrl As people share it: `https://live.example.org/watch/…`.
 * @throws {TypeError} When it is no watch URL.
 */
export function createEmbed(
  container: Element,
  watchUrl: string,
  options: EmbedOptions = {},
): LivemeshEmbed {
  const iframe = document.createElement("iframe");
  iframe.src = embedUrl(watchUrl, options);
  iframe.allow = ALLOW;
  iframe.title = options.title ?? "Live stream";
  iframe.style.cssText = "display:block;width:100%;aspect-ratio:16/9;border:0";
  container.append(iframe);
  return new LivemeshEmbed(iframe);
}

/** The address of the page for frames. @throws {TypeError} When `watchUrl` is no watch URL. */
export function embedUrl(watchUrl: string, options: EmbedOptions = {}): string {
  const { streamId, serverUrl } = parseStreamAddress(watchUrl, document.baseURI);
  const url = new URL(`/embed/${streamId}`, serverUrl);
  // Whoever may watch there may watch here.
  const token = new URL(watchUrl, document.baseURI).searchParams.get("token");
  if (token !== null) url.searchParams.set("token", token);
  for (const [name, text] of Object.entries(options.attributes ?? {})) {
    url.searchParams.set(name, text);
  }
  if (options.autoplay === false) url.searchParams.set("autoplay", "0");
  if (options.muted === true) url.searchParams.set("muted", "1");
  return url.href;
}
