export type SizeBudget = {
  what: string;
  modules?: string[];
  beyond?: string[];
  file?: string;
  maxGzipBytes: number;
};
export type PlayerSize = { what: string; gzipBytes: number; maxGzipBytes: number };

export function playerSizes(built: string, budget: readonly SizeBudget[]): PlayerSize[];
export function sizeLine(size: PlayerSize): string;
