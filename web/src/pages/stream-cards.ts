import { addressAt, type FoundStream } from "./found-streams.ts";
import { hueOf, mediaText, titleText, viewersText } from "./stream-text.ts";

/** How often a stream's picture is looked at again, in ms. */
const PICTURE_MS = 30_000;

/** The streams as cards; those that stay keep their place in the page, and the focus. */
export class StreamCards {
  readonly #list: HTMLElement;
  readonly #template: HTMLTemplateElement;
  /** By stream id. */
  readonly #cards = new Map<string, HTMLElement>();

  constructor(list: HTMLElement, template: HTMLTemplateElement) {
    this.#list = list;
    this.#template = template;
  }

  show(streams: readonly FoundStream[]): void {
    const shown = streams.map((found) => {
      const { id } = found.stream;
      const card = this.#cards.get(id) ?? this.#make(found);
      this.#cards.set(id, card);
      update(card, found);
      return card;
    });
    for (const [id, card] of this.#cards) if (!shown.includes(card)) this.#cards.delete(id);
    const { children } = this.#list;
    // Moving an element takes the focus from it: only when the order changed.
    if (children.length !== shown.length || shown.some((card, i) => children[i] !== card)) {
      this.#list.replaceChildren(...shown);
    }
  }

  #make({ stream, tracker }: FoundStream): HTMLElement {
    const card = this.#template.content.firstElementChild?.cloneNode(true);
    if (!(card instanceof HTMLElement)) throw new Error("the page lacks a card");
    card.querySelector("a")?.setAttribute("href", addressAt(tracker, stream.watchUrl) ?? "#");
    card.style.setProperty("--hue", hueOf(stream.id).toFixed(1));
    return card;
  }
}

function update(card: HTMLElement, { stream, tracker }: FoundStream): void {
  const badge = card.querySelector(".badge");
  card.querySelector("a")?.toggleAttribute("data-live", stream.live);
  badge?.toggleAttribute("data-live", stream.live);
  setText(badge, stream.live ? "Live" : "Offline");
  setText(card.querySelector(".title"), titleText(stream));
  const where = tracker === undefined ? "" : new URL(tracker).host;
  const facts = [viewersText(stream.viewers), mediaText(stream), where];
  setText(card.querySelector(".facts"), facts.filter((text) => text !== "").join(" · "));
  const movieUrl = stream.still && addressAt(tracker, stream.still.movieUrl);
  const video = card.querySelector("video");
  if (movieUrl !== undefined && video !== null) showPicture(video, movieUrl);
}

/** A movie of one key frame; the next is shown when it is there, so that nothing flickers. */
function showPicture(video: HTMLVideoElement, movieUrl: string): void {
  const address = `${movieUrl}?at=${Math.floor(Date.now() / PICTURE_MS)}`;
  if (video.dataset.address === address) return;
  video.dataset.address = address;
  const next = video.src === "" ? video : (video.cloneNode() as HTMLVideoElement);
  next.preload = "auto";
  next.muted = true;
  next.src = address;
  next.addEventListener(
    "loadeddata",
    () => {
      next.toggleAttribute("data-shown", true);
      if (next !== video) video.replaceWith(next);
    },
    { once: true },
  );
}

function setText(element: Element | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text;
}
