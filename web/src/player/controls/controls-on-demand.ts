/** What somebody does who wants the controls: by mouse or finger, by keyboard, by screen reader. */
const REACHING = ["pointermove", "pointerdown", "focusin", "keydown"] as const;

export type ControlsOnDemandParts = {
  /** Where somebody reaches for the controls. */
  host: EventTarget;
  /** The `<media-controller>`: a stop in the tab order that stays one. Without a place there it would
   * take its controls out of it with itself, for they are slotted into its shadow tree. */
  controller: HTMLElement;
  /** @throws When they cannot be had; it is tried again at the next occasion. */
  load(): Promise<unknown>;
};

/**
 * The controls, loaded when somebody reaches for them or has nothing else: playback does not need
 * them, and ten pages that open at once have no time for them.
 */
export class ControlsOnDemand {
  readonly #parts: ControlsOnDemandParts;
  readonly #reached = new AbortController();
  #phase: "missing" | "loading" | "there" = "missing";

  constructor(parts: ControlsOnDemandParts) {
    this.#parts = parts;
    const { signal } = this.#reached;
    for (const type of REACHING) {
      parts.host.addEventListener(type, () => void this.#show(), { signal, passive: true });
    }
  }

  /** Have them there; hidden while media plays and nobody moves. */
  async load(): Promise<void> {
    if (this.#phase !== "missing") return;
    this.#phase = "loading";
    try {
      await this.#parts.load();
    } catch {
      this.#phase = "missing";
      return;
    }
    this.#phase = "there";
  }

  async #show(): Promise<void> {
    await this.load();
    if (this.#phase !== "there") return;
    this.#reached.abort();
    // What the pointer or the finger did before was lost on them.
    this.#parts.controller.dispatchEvent(new PointerEvent("pointermove", { pointerType: "mouse" }));
  }
}
