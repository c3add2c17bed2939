import { elementById } from "./poll.ts";
import { parseTrackerUrl, rememberedTrackers, rememberTrackers, withTracker } from "./trackers.ts";

/** The part of the directory where other trackers are added and removed. */
export class TrackerList {
  readonly #list = elementById("trackers", HTMLElement);
  readonly #template = elementById("tracker", HTMLTemplateElement);
  readonly #input = elementById("tracker-url", HTMLInputElement);
  readonly #problem = elementById("tracker-problem", HTMLElement);
  readonly #onChange: () => void;
  #urls = rememberedTrackers();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    elementById("add-tracker", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
    this.#render();
  }

  get urls(): readonly string[] {
    return this.#urls;
  }

  /** @param streams How many it has; undefined when it does not answer. */
  tell(url: string, streams: number | undefined): void {
    const row = [...this.#list.children].find((each) => each.getAttribute("data-url") === url);
    const state = row?.querySelector(".state");
    const words =
      streams === undefined ? "does not answer" : streams === 1 ? "1 stream" : `${streams} streams`;
    if (state && state.textContent !== words) state.textContent = words;
  }

  #add(): void {
    try {
      const url = parseTrackerUrl(this.#input.value);
      this.#change(withTracker(this.#urls, url, location.origin));
      this.#input.value = "";
      this.#problem.textContent = "";
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#problem.textContent = error.message;
    }
  }

  #change(urls: string[]): void {
    this.#urls = urls;
    rememberTrackers(urls);
    this.#render();
    this.#onChange();
  }

  #render(): void {
    const rows = this.#urls.map((url) => {
      const row = this.#template.content.firstElementChild?.cloneNode(true) as HTMLElement;
      const remove = row.querySelector("button");
      const { host } = new URL(url);
      row.dataset.url = url;
      const name = row.querySelector(".name");
      if (name !== null) name.textContent = host;
      remove?.setAttribute("aria-label", `Remove ${host}`);
      remove?.addEventListener("click", () =>
        this.#change(this.#urls.filter((each) => each !== url)),
      );
      return row;
    });
    this.#list.replaceChildren(...rows);
  }
}
