import type { SwarmMeasures } from "./measure.mjs";

export type Row = {
  name: string;
  value: string;
  target: string;
  isMet: boolean | undefined;
  bound: string;
};
export function rowsOf(
  result: SwarmMeasures & {
    options: { viewers: number; churn: number; player?: "livemesh" | "hls" };
  },
): Row[];
export function tableOf(rows: readonly Row[]): string;
