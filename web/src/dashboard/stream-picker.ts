import type { ControlStream } from "#protocol/control";
import { element } from "./element.ts";
import { percent, seconds, whole } from "./words.ts";

/** The live list of streams; one of them is looked at. */
export class StreamPicker {
  readonly #list: HTMLElement;
  readonly #rows = new Map<string, HTMLButtonElement>();
  readonly #onPick: (id: string) => void;

  constructor(list: HTMLElement, onPick: (id: string) => void) {
    this.#list = list;
    this.#onPick = onPick;
  }

  show(streams: readonly ControlStream[], picked: string | undefined): void {
    const known = new Set(streams.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (known.has(id)) continue;
      row.parentElement?.remove();
      this.#rows.delete(id);
    }
    for (const stream of streams) {
      const row = this.#rows.get(stream.id) ?? this.#add(stream.id);
      row.setAttribute("aria-pressed", String(stream.id === picked));
      row.replaceChildren(...contentOf(stream));
    }
  }

  #add(id: string): HTMLButtonElement {
    const row = element("button", { type: "button", class: "stream" });
    row.addEventListener("click", () => this.#onPick(id));
    this.#rows.set(id, row);
    this.#list.append(element("li", {}, row));
    return row;
  }
}

function contentOf({ title, live, viewers, newest, alerts, isRecording, id }: ControlStream) {
  const state = element("span", { class: "badge" }, live ? "Live" : "Offline");
  if (live) state.dataset.live = "";
  const facts = [
    `${whole(viewers)} ${viewers === 1 ? "viewer" : "viewers"}`,
    `offload ${percent(newest?.offload)}`,
    seconds(newest?.latencyP50Ms),
  ];
  return [
    element("span", { class: "stream-title" }, title || id),
    element("span", { class: "quiet" }, facts.join(" · ")),
    element(
      "span",
      { class: "marks" },
      state,
      ...(alerts.length > 0
        ? [element("span", { class: "mark alert" }, `${alerts.length} ⚠`)]
        : []),
      ...(isRecording ? [element("span", { class: "mark" }, "● rec")] : []),
    ),
  ];
}
