import type { RunResult } from "../result.ts";
import type { Scenario } from "../scenario.ts";
import { viewersOf } from "../scenario-variants.ts";
import { FIGURES, type Figure, figureOf, type NumberField } from "./figures.ts";
import { columns, mean } from "./table.ts";

/** By how much the flat model's figures may differ from the engine's, as share of them: beyond it
 * nothing that it says of larger swarms is to be believed. */
export const TOLERATED: Partial<Record<NumberField, number>> = {
  continuityMean: 0.02,
  delayMsP50: 0.1,
  delayMsP95: 0.1,
  delayMsP99: 0.1,
};

/** One figure by both models, as means over the same seeds. */
export type Agreement = {
  name: NumberField;
  engine: number;
  flat: number;
  /** Of the flat model from the engine's, as share; 0 where both are. */
  difference: number;
  /** Undefined where the figure may differ as it likes. */
  tolerated: number | undefined;
};

export function agreements(engine: readonly RunResult[], flat: readonly RunResult[]): Agreement[] {
  return FIGURES.map(({ name }) => {
    const ofEngine = mean(engine.map((result) => result[name]));
    const ofFlat = mean(flat.map((result) => result[name]));
    const difference = ofEngine === ofFlat ? 0 : ofFlat / ofEngine - 1;
    return { name, engine: ofEngine, flat: ofFlat, difference, tolerated: TOLERATED[name] };
  });
}

export function isInAgreement(all: readonly Agreement[]): boolean {
  return all.every(isTolerated);
}

export function crossCheckTable(scenario: Scenario, all: readonly Agreement[]): string {
  const rows = all.map((agreement) => {
    const { name, engine, flat, difference, tolerated } = agreement;
    const { label, show } = figureOf(name) as Figure;
    const limit = tolerated === undefined ? "" : `≤ ${(100 * tolerated).toFixed(0)} %`;
    const verdict = tolerated === undefined ? "" : isTolerated(agreement) ? " ✓" : " ✗";
    return [label, show(engine), show(flat), signed(difference), `${limit}${verdict}`];
  });
  return [
    `${scenario.name} · ${viewersOf(scenario)} viewers · flat model against engine`,
    columns([["", "engine", "flat", "difference", "tolerated"], ...rows]),
    "",
    isInAgreement(all) ? "  the models agree" : "  the models differ: see ✗",
  ].join("\n");
}

function isTolerated({ difference, tolerated }: Agreement): boolean {
  return tolerated === undefined || Math.abs(difference) <= tolerated;
}

/** A share with its sign; nothing where it says nothing. */
function signed(difference: number): string {
  if (!Number.isFinite(difference)) return "";
  return `${difference < 0 ? "−" : "+"}${(100 * Math.abs(difference)).toFixed(1)} %`;
}
