import { publishAddress } from "../broadcast/publish-address.ts";
import { elementById } from "./poll.ts";

/** Where a broadcast goes: into the mesh from here, or to an ingest at this WebSocket. */
export type Way = { kind: "mesh" } | { kind: "ingest"; url: string };

export type WayChoice = {
  /** @throws {TypeError} In one line for people, when what was typed is no server or no key. */
  (): Way;
  /** While a stream is on air. */
  lock(isLocked: boolean): void;
};

const SERVER = "livemesh-ingest";

/** The part of the form that asks where to; the server is remembered, the key is not. */
export function offerWays(): WayChoice {
  const server = elementById("server", HTMLInputElement);
  const key = elementById("publish-key", HTMLInputElement);
  const radios = [...document.querySelectorAll<HTMLInputElement>("[name='way']")];
  const isIngest = () => radios.some(({ value, checked }) => checked && value === "ingest");
  const show = () => {
    elementById("ingest", HTMLElement).hidden = !isIngest();
    elementById("about-ingest", HTMLElement).hidden = !isIngest();
    elementById("about-mesh", HTMLElement).hidden = isIngest();
    // An ingest has its stream's title from whoever started it.
    elementById("title-field", HTMLElement).hidden = isIngest();
  };
  for (const radio of radios) radio.addEventListener("change", show);
  server.placeholder = location.host;
  server.value = remembered() ?? "";
  show();
  const choose = (): Way => {
    if (!isIngest()) return { kind: "mesh" };
    const url = publishAddress(server.value, key.value, location.origin);
    remember(server.value.replace(/\/publish\/.*/, ""));
    return { kind: "ingest", url };
  };
  const lock = (isLocked: boolean) => {
    for (const field of [...radios, server, key]) field.disabled = isLocked;
  };
  return Object.assign(choose, { lock });
}

function remembered(): string | null {
  try {
    return localStorage.getItem(SERVER);
  } catch {
    // Storage may be forbidden.
    return null;
  }
}

function remember(server: string): void {
  try {
    localStorage.setItem(SERVER, server);
  } catch {
    // As above.
  }
}
