export class CpuMeter {
  constructor(rootPid: number, options?: { isAlone?: boolean });
  start(): void;
  sample(): void;
  stop(): number;
}
export function memoryBytes(rootPid: number): number;
export function machineBusyMs(): number;
export function withDescendants<T extends { pid: number; parent: number }>(
  all: readonly T[],
  rootPid: number,
): T[];
export function parseStat(
  line: string,
  ticksPerSecond?: number,
): { pid: number; parent: number; key: string; cpuMs: number };
