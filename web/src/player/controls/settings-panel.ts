import type { ControlsTexts } from "../texts/player-texts.ts";

/** One thing viewers can choose; shown when there is more than one option. */
export type Choice = {
  id: string;
  label: keyof ControlsTexts;
  options: readonly { value: string; label: string }[];
  value: string;
};

export type Switch = {
  id: string;
  label: keyof ControlsTexts;
  hint?: keyof ControlsTexts;
  isOn: boolean;
};

export type SettingsModel = { choices: readonly Choice[]; switches: readonly Switch[] };

export type SettingsHandlers = {
  onChoice(id: string, value: string): void;
  onSwitch(id: string, isOn: boolean): void;
};

/** What viewers may set. Plain form elements: every browser makes them work by keyboard, by finger
 * and for screen readers. */
export class SettingsPanel {
  readonly #host: HTMLElement;
  readonly #handlers: SettingsHandlers;
  #shown = "";

  constructor(host: HTMLElement, handlers: SettingsHandlers) {
    this.#host = host;
    this.#handlers = handlers;
  }

  /** Builds anew only what differs from what is shown: somebody may have a list open. */
  render({ choices, switches }: SettingsModel, texts: ControlsTexts): void {
    const offered = choices.filter(({ options }) => options.length > 1);
    const next = JSON.stringify([offered, switches, texts.settings]);
    if (next === this.#shown) return;
    this.#shown = next;
    const focused = this.#host.querySelector<HTMLElement>(":focus")?.id;
    this.#host.replaceChildren(
      ...offered.map((choice) => this.#choice(choice, texts)),
      ...switches.map((one) => this.#switch(one, texts)),
    );
    if (focused !== undefined) this.#host.querySelector<HTMLElement>(`#${focused}`)?.focus();
  }

  #choice({ id, label, options, value }: Choice, texts: ControlsTexts): HTMLElement {
    const select = document.createElement("select");
    select.id = id;
    select.append(
      ...options.map((option) => {
        const { value: optionValue, label: optionLabel } = option;
        return new Option(optionLabel, optionValue, false, optionValue === value);
      }),
    );
    select.addEventListener("change", () => this.#handlers.onChoice(id, select.value));
    return row(texts[label], select);
  }

  #switch({ id, label, hint, isOn }: Switch, texts: ControlsTexts): HTMLElement {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.id = id;
    box.checked = isOn;
    box.addEventListener("change", () => this.#handlers.onSwitch(id, box.checked));
    const made = row(texts[label], box);
    if (hint !== undefined) {
      const small = document.createElement("small");
      small.textContent = texts[hint];
      made.append(small);
    }
    return made;
  }
}

function row(label: string, control: HTMLElement): HTMLElement {
  const element = document.createElement("label");
  element.className = "row";
  element.append(label, control);
  return element;
}
