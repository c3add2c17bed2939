import { Mutator, seededRandom } from "./mutator.mjs";

/** Inputs between two looks at what ran. */
const BATCH = 64;
/** What one input may take, in ms, on a machine that is busy with other things: O(length) of 64 KiB
 * takes a hundredth of it. */
const SLOW_MS = 1000;

/**
 * Feed a target inputs that are made of those that ran something new, for a while.
 * @param target As in `targets.mjs`.
 * @param coverage Of the code that is fuzzed.
 * @param corpus Where to begin; the target's own seeds come first.
 * @returns What was done, the corpus without what adds nothing, and the first input that broke it.
 */
export async function fuzz(target, coverage, { corpus = [], forMs, seed }) {
  const seeds = await target.seeds();
  coverage.reset();
  const mutator = new Mutator(seededRandom(seed), target);
  const run = { inputs: 0, kept: [], failure: undefined, slowestMs: 0 };
  for (const input of [...seeds, ...corpus]) {
    if (!(await tried(target, input, run))) return finished(run, coverage);
    if (coverage.news(true) > 0) run.kept.push(input);
  }
  const random = seededRandom(seed + 1);
  const chosen = () => run.kept[Math.floor(random() * run.kept.length)] ?? Buffer.alloc(0);
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    const batch = Array.from({ length: BATCH }, () => mutator.mutated(chosen(), run.kept));
    if (!(await runBatch(target, batch, run))) break;
    if (coverage.news(false) > 0) await keepNews(target, batch, run, coverage);
  }
  return finished(run, coverage);
}

async function runBatch(target, batch, run) {
  for (const input of batch) if (!(await tried(target, input, run))) return false;
  return true;
}

/** One of these ran something new: look at each. */
async function keepNews(target, batch, run, coverage) {
  for (const input of batch) {
    await tried(target, input, run);
    if (coverage.news(true) > 0) run.kept.push(input);
  }
}

async function tried(target, input, run) {
  run.inputs++;
  const startMs = performance.now();
  try {
    await target.run(input);
    let tookMs = performance.now() - startMs;
    // Others use this machine too: what is slow is slow each time.
    for (let again = 0; tookMs > SLOW_MS && again < 3; again++) {
      const againMs = performance.now();
      await target.run(input);
      tookMs = Math.min(tookMs, performance.now() - againMs);
    }
    run.slowestMs = Math.max(run.slowestMs, tookMs);
    if (tookMs > SLOW_MS) throw new Error(`takes ${tookMs.toFixed(0)} ms`);
    const dirt = Object.keys(Object.prototype);
    if (dirt.length > 0) throw new Error(`changed Object.prototype: ${dirt}`);
    return true;
  } catch (error) {
    run.failure = { input, error };
    return false;
  }
}

function finished(run, coverage) {
  return { ...run, covered: coverage.size };
}
