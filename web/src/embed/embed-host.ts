import type { LivemeshPlayer } from "../player/livemesh-player.ts";
import {
  type EmbedCommandName,
  FORWARDED,
  type FromEmbed,
  readToEmbed,
  SETTABLE,
} from "./embed-message.ts";

/** The page around us, once it has said hello. */
type Parent = { window: Window; origin: string };

/** Lets the page around a frame steer the player in it; only that page, and only after its hello. */
export function serveEmbed(player: LivemeshPlayer, streamId: string): void {
  let parent: Parent | undefined;
  const say = (message: FromEmbed) => parent?.window.postMessage(message, parent.origin);

  window.addEventListener("message", async ({ source, origin, data }) => {
    if (source !== window.parent || window.parent === window) return;
    const message = readToEmbed(data);
    if (message === undefined) return;
    if (message.type === "hello") {
      parent = { window: window.parent, origin };
      say({ livemesh: 1, type: "ready", streamId, state: player.state });
      return;
    }
    if (origin !== parent?.origin) return;
    const { id, name, value } = message;
    try {
      say({ livemesh: 1, type: "result", id, value: await perform(player, name, value) });
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      say({ livemesh: 1, type: "failure", id, message: told });
    }
  });

  for (const name of FORWARDED) {
    player.addEventListener(name, (event) => {
      say({ livemesh: 1, type: "event", name, detail: (event as CustomEvent).detail });
    });
  }
}

/** @throws {TypeError} When the value does not fit; whatever the player says. */
async function perform(
  player: LivemeshPlayer,
  name: EmbedCommandName,
  value: unknown,
): Promise<unknown> {
  switch (name) {
    case "play":
      return player.play();
    case "pause":
      return player.pause();
    case "setMuted":
      player.muted = value === true;
      return undefined;
    case "jumpToLive":
      return player.jumpToLive();
    case "toggleStats":
      return player.toggleStats(typeof value === "boolean" ? value : undefined);
    case "setAttribute":
      return setAttribute(player, value);
    case "getStats":
      return player.getStats();
  }
}

function setAttribute(player: LivemeshPlayer, value: unknown): void {
  const { name, text } = (value ?? {}) as { name?: unknown; text?: unknown };
  if (typeof name !== "string" || !SETTABLE.includes(name)) {
    const got = String(name).slice(0, 40);
    throw new TypeError(`setAttribute: one of ${SETTABLE.join(", ")} can be set, got "${got}"`);
  }
  if (text === null) player.removeAttribute(name);
  else player.setAttribute(name, String(text).slice(0, 200));
}
