export type Settings = { rounds: number; roundMs: number; warmUpMs: number };
export const FULL: Settings;
export const TINY: Settings;

export type BenchCase = {
  name: string;
  /** What one `run` does, counted: messages, blocks, events. */
  operations: number;
  /** Bytes one operation handles. */
  bytesEach?: number;
  /** Not timed; what it returns is given to `run`. */
  prepare?: () => unknown;
  run: (prepared: never) => unknown;
};

/** Of all rounds, for one operation. */
export type Spread = { median: number; min: number; max: number };

export type Row = {
  name: string;
  bytesEach?: number;
  /** CPU time of all threads of the process. */
  cpuNs: Spread;
  wallNs: Spread;
  /** Only of subjects whose work is done by other threads as well, and on Linux. */
  mainThreadNs?: Spread;
};

/** One number that is used elsewhere, with what it means. */
export type Figure = { name: string; value: number; unit: string };

export type Subject = {
  /** As on the command line. */
  name: string;
  title: string;
  unit: "ns" | "µs";
  /** Work is done by other threads as well. */
  hasThreads?: boolean;
  /** More code takes longer to be compiled. Default 1. */
  warmUpFactor?: number;
  cases: BenchCase[];
  figures?: (rows: readonly Row[], settings: Settings) => Figure[];
};

export type SubjectResult = Pick<Subject, "title" | "unit"> & {
  bench: string;
  rows: Row[];
  figures: Figure[];
};

export function measureSubject(subject: Subject, settings: Settings): Promise<SubjectResult>;
