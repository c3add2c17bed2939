export type Outcome = { passed: number; failed: number; skipped: number; problems: string[] };
export function singleOutcome(isPassed: boolean, problem: string): Outcome;
export function vitestOutcome(report: unknown, exitCode: number | string): Outcome;
export function playwrightOutcome(report: unknown, exitCode: number | string): Outcome;
export function simOutcome(report: unknown, exitCode: number | string): Outcome;
export function sumOutcomes(outcomes: readonly Outcome[]): Outcome;
export function summaryLine(outcomes: readonly Outcome[]): string;
