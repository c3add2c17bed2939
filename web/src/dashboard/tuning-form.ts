import type { Experiment } from "#protocol/control";
import { TUNABLE_NAMES, TUNABLE_OPTIONS, type TunableOption } from "#protocol/steer";
import { element } from "./element.ts";

/** What is asked for most; the others are behind "more". */
const USUAL: readonly TunableOption[] = [
  "pushShare",
  "seederCopies",
  "requestTimeoutMs",
  "rescueAheadMs",
  "rescueShare",
  "degreeHigh",
];

/** Fields for an experiment: empty ones change nothing. */
export class TuningForm {
  readonly #fields = new Map<TunableOption, HTMLInputElement>();
  readonly #chunkMs: HTMLInputElement;

  constructor(host: HTMLElement, more: HTMLElement) {
    for (const name of TUNABLE_NAMES) {
      const { min, max } = TUNABLE_OPTIONS[name];
      const step = "isWhole" in TUNABLE_OPTIONS[name] || max > 100 ? "1" : "0.01";
      const field = numberField(min, max, step);
      this.#fields.set(name, field);
      (USUAL.includes(name) ? host : more).append(element("label", {}, name, field));
    }
    this.#chunkMs = numberField(50, 2000, "10");
    host.prepend(element("label", {}, "chunkMs", this.#chunkMs));
  }

  get wanted(): Experiment {
    const tuned = [...this.#fields].filter(([, { value }]) => value !== "");
    const chunkMs = this.#chunkMs.value;
    return {
      ...(tuned.length > 0 && {
        tuning: Object.fromEntries(tuned.map(([name, { value }]) => [name, Number(value)])),
      }),
      ...(chunkMs !== "" && { chunkMs: Number(chunkMs) }),
    };
  }

  show({ tuning, chunkMs }: Experiment): void {
    for (const [name, field] of this.#fields) field.value = String(tuning?.[name] ?? "");
    this.#chunkMs.value = String(chunkMs ?? "");
  }
}

function numberField(min: number, max: number, step: string): HTMLInputElement {
  return element("input", {
    type: "number",
    min: String(min),
    max: String(max),
    step,
    placeholder: `${min} to ${max}`,
  });
}
