import type { OrderedChunk } from "../restream/track-order.ts";

/** What became of a stream of consecutive integers. */
export type IntegersReport = {
  chunks: number;
  integers: number;
  /** Times something was missing, and how many integers were. */
  gaps: number;
  missing: number;
  /** Times the numbers went back. */
  disorder: number;
  /** Chunks with a number that cannot be where it is. */
  wrong: number;
  /** Times the publisher began anew. */
  restarts: number;
  /** Chunks that came before the one it began with: see FirstChunks. No gap, but told. */
  leftOutAtStart: number;
};

const MODULUS = 2 ** 32;

/** Checks that `test://integers` arrives whole and in order, whatever the first number. */
export class IntegersChecker {
  readonly #report: IntegersReport = {
    chunks: 0,
    integers: 0,
    gaps: 0,
    missing: 0,
    disorder: 0,
    wrong: 0,
    restarts: 0,
    leftOutAtStart: 0,
  };
  #next: number | undefined;

  get report(): IntegersReport {
    return { ...this.#report };
  }

  /** Something came, and nothing was wrong with it. */
  get isPerfect(): boolean {
    const { integers, gaps, disorder, wrong } = this.#report;
    return integers > 0 && gaps + disorder + wrong === 0;
  }

  /** Another run of the publisher: its numbers start where they like. */
  restart(): void {
    this.#report.restarts++;
    this.#next = undefined;
  }

  /** Chunks that came before the first one that counts. */
  leftOut(chunkCount: number): void {
    this.#report.leftOutAtStart += chunkCount;
  }

  push({ chunk: { bytes }, missing }: OrderedChunk): void {
    const report = this.#report;
    report.chunks++;
    if (bytes.length === 0 || bytes.length % 4 !== 0) {
      report.wrong++;
      return;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const first = view.getUint32(0);
    const count = bytes.length / 4;
    this.#compare(first, missing);
    if (!isConsecutive(view, first, count)) report.wrong++;
    report.integers += count;
    this.#next = (first + count) % MODULUS;
  }

  #compare(first: number, missingChunks: number): void {
    if (this.#next === undefined) return;
    const report = this.#report;
    const ahead = (first - this.#next + MODULUS) % MODULUS;
    if (ahead >= MODULUS / 2) {
      report.disorder++;
    } else if (ahead > 0) {
      report.gaps++;
      report.missing += ahead;
    } else if (missingChunks > 0) {
      // Chunks are missing, but none of their numbers: they were given twice.
      report.wrong++;
    }
  }
}

function isConsecutive(view: DataView, first: number, count: number): boolean {
  for (let i = 1; i < count; i++) {
    if (view.getUint32(i * 4) !== (first + i) % MODULUS) return false;
  }
  return true;
}

/** One line for people. */
export function describeIntegers(report: IntegersReport): string {
  const { chunks, integers, gaps, missing, disorder, wrong, restarts, leftOutAtStart } = report;
  const begun = restarts === 0 ? "" : `, begun anew ${restarts} times`;
  const leftOut = leftOutAtStart === 0 ? "" : `, ${leftOutAtStart} chunks left out at the start`;
  return `${integers} integers in ${chunks} chunks: ${gaps} gaps (${missing} missing), ${disorder} out of order, ${wrong} wrong${begun}${leftOut}`;
}
