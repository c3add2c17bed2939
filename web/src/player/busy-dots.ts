/** One step of the dots, in ms. */
const STEP_MS = 350;
const DOTS = 3;

/**
 * Three dots that light up in turn, a few steps a second and by a timer. An animation by style sheet
 * makes the browser compose the page sixty times a second, which without a graphics processor costs
 * as much as playing: the wait would be what it waits for (measured: ten stalled tabs, 0.4 core). A
 * timer of a page that has too much to do comes late instead.
 */
export class BusyDots {
  readonly #host: HTMLElement;
  #timer: ReturnType<typeof setInterval> | undefined;
  #step = 0;

  constructor(host: HTMLElement) {
    this.#host = host;
    this.#host.append(...Array.from({ length: DOTS }, () => document.createElement("i")));
  }

  run(isBusy: boolean): void {
    if (isBusy === (this.#timer !== undefined)) return;
    this.#host.hidden = !isBusy;
    clearInterval(this.#timer);
    this.#timer = isBusy ? setInterval(() => this.#light(), STEP_MS) : undefined;
    if (isBusy) this.#light();
  }

  #light(): void {
    this.#step = (this.#step + 1) % DOTS;
    for (const [index, dot] of [...this.#host.children].entries()) {
      dot.toggleAttribute("data-lit", index === this.#step);
    }
  }
}
