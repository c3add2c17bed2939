export function quantile(values: readonly number[], share: number): number | null;
export function mean(values: readonly number[]): number | null;
export function sumOf<T>(items: readonly T[], value: (item: T) => number): number;
