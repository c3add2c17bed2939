import type { Alert, AlertRules, Alerts } from "#protocol/control";
import { elementById } from "../pages/poll.ts";
import type { ControlClient } from "./control-client.ts";
import { element } from "./element.ts";
import { percent, seconds } from "./words.ts";

const FIELDS = {
  offloadBelow: { id: "rule-offload", factor: 100 },
  stallsAbove: { id: "rule-stalls", factor: 1 },
  latencyAboveMs: { id: "rule-latency", factor: 0.001 },
  viewersMin: { id: "rule-viewers", factor: 1 },
  holdSec: { id: "rule-hold", factor: 1 },
} as const;

const field = (id: string) => elementById(id, HTMLInputElement);

/** What is watched for, and what fires. */
export class AlertForm {
  readonly #client: ControlClient;
  readonly #list = elementById("alerts", HTMLElement);
  #isFilled = false;

  constructor(client: ControlClient, run: (act: () => Promise<void>) => void) {
    this.#client = client;
    elementById("rules", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      run(async () => this.show(await this.#client.change("PUT", "/alerts", this.#rules)));
    });
  }

  show({ rules, firing }: Alerts, titleOf: (streamId: string) => string = (id) => id): void {
    if (!this.#isFilled) this.#fill(rules);
    const words = firing.map((alert) => `${titleOf(alert.streamId)}: ${alertText(alert)}`);
    if (this.#list.textContent === words.join("")) return;
    this.#list.replaceChildren(...words.map((text) => element("li", {}, text)));
  }

  get #rules(): AlertRules {
    const entries = Object.entries(FIELDS).flatMap(([name, { id, factor }]) => {
      const { value } = field(id);
      return value === "" ? [] : [[name, Number(value) / factor]];
    });
    return Object.fromEntries(entries) as AlertRules;
  }

  #fill(rules: AlertRules): void {
    this.#isFilled = true;
    for (const [name, { id, factor }] of Object.entries(FIELDS)) {
      const value = rules[name as keyof AlertRules];
      field(id).value = value === undefined ? "" : String(Math.round(value * factor * 100) / 100);
    }
  }
}

function alertText({ kind, value, bound, sinceMs }: Alert): string {
  const since = `since ${new Date(sinceMs).toLocaleTimeString()}`;
  switch (kind) {
    case "offload-below":
      return `offload ${percent(value)}, below ${percent(bound)}, ${since}`;
    case "stalls-above":
      return `${value.toFixed(2)} stalls per viewer and minute, above ${bound}, ${since}`;
    case "latency-above":
      return `${seconds(value)} behind live, above ${seconds(bound)}, ${since}`;
  }
}
