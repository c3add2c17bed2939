import type { SubjectResult } from "./harness.d.mts";

export function tableOf(result: SubjectResult): string;
export function numeral(value: number): string;
