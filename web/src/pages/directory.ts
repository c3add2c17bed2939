import type { ApiStream } from "#protocol";
import { elementById, getJson, poll } from "./poll.ts";
import { hueOf, mediaText, summaryText, titleText, viewersText } from "./stream-text.ts";

const REFRESH_MS = 3000;

const summary = elementById("summary", HTMLElement);
const list = elementById("streams", HTMLElement);
const empty = elementById("empty", HTMLElement);
const template = elementById("card", HTMLTemplateElement);
/** By stream id, in the order they are shown. */
const cards = new Map<string, HTMLElement>();

poll(refresh, REFRESH_MS);

async function refresh(): Promise<void> {
  const streams = await getJson<ApiStream[]>("/api/streams");
  if (streams === undefined) {
    say("The server does not answer. Trying again…");
    return;
  }
  say(summaryText(streams));
  empty.hidden = streams.length > 0;
  show(streams.toSorted((a, b) => Number(b.live) - Number(a.live) || b.viewers - a.viewers));
}

function show(streams: readonly ApiStream[]): void {
  const shown = streams.map((stream) => {
    const card = cards.get(stream.id) ?? makeCard(stream);
    update(card, stream);
    return card;
  });
  cards.clear();
  for (const [i, { id }] of streams.entries()) {
    const card = shown[i];
    if (card !== undefined) cards.set(id, card);
  }
  // Moving an element takes the focus from it: only when the order changed.
  if (shown.some((card, i) => list.children[i] !== card) || list.children.length > shown.length) {
    list.replaceChildren(...shown);
  }
}

function makeCard(stream: ApiStream): HTMLElement {
  const card = template.content.firstElementChild?.cloneNode(true);
  if (!(card instanceof HTMLElement)) throw new Error("the page lacks a card");
  card.querySelector("a")?.setAttribute("href", stream.watchUrl);
  card.style.setProperty("--hue", hueOf(stream.id).toFixed(1));
  return card;
}

function update(card: HTMLElement, stream: ApiStream): void {
  const link = card.querySelector("a");
  const badge = card.querySelector<HTMLElement>(".badge");
  link?.toggleAttribute("data-live", stream.live);
  badge?.toggleAttribute("data-live", stream.live);
  setText(badge, stream.live ? "Live" : "Offline");
  setText(card.querySelector(".title"), titleText(stream));
  const facts = [viewersText(stream.viewers), mediaText(stream)].filter((text) => text !== "");
  setText(card.querySelector(".facts"), facts.join(" · "));
}

function say(text: string): void {
  setText(summary, text);
}

function setText(element: Element | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text;
}
