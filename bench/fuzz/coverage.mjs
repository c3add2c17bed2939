import { Session } from "node:inspector";

/**
 * Which code of ours ran, by V8's own counters: nothing is rewritten, what is fuzzed is what ships.
 * Reading the counters takes milliseconds, so it is done for many inputs at once. Code that was
 * compiled before this was made is counted by function only: make it first, import then.
 */
export class Coverage {
  #session = new Session();
  /** By function: a byte for each character of its text, 1 once that ran. */
  #seen = new Map();

  /** @param isOurs Tells by a script's URL whether it counts. */
  constructor(isOurs) {
    this.isOurs = isOurs;
    this.#session.connect();
    this.#call("Profiler.enable");
    this.#call("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Nothing ran so far. */
  reset() {
    this.#call("Profiler.takePreciseCoverage");
    this.#seen.clear();
  }

  /**
   * How much ran since the last look that never ran before, in characters of code.
   * @param isKept Whether it counts as seen from now on.
   */
  news(isKept) {
    let fresh = 0;
    for (const { url, scriptId, functions } of this.#call("Profiler.takePreciseCoverage").result) {
      if (!this.isOurs(url)) continue;
      for (const { ranges } of functions) fresh += this.#paint(scriptId, ranges, isKept);
    }
    return fresh;
  }

  /** Characters that ran so far. */
  get size() {
    let size = 0;
    for (const seen of this.#seen.values()) for (const one of seen) size += one;
    return size;
  }

  /** Ranges are nested, the function's first; each says for its text what those outside it said before. */
  #paint(scriptId, ranges, isKept) {
    const [{ startOffset, endOffset, count }] = ranges;
    if (count === 0) return 0;
    const ran = new Uint8Array(endOffset - startOffset);
    for (const range of ranges) {
      const value = range.count > 0 ? 1 : 0;
      ran.fill(value, range.startOffset - startOffset, range.endOffset - startOffset);
    }
    const key = `${scriptId}:${startOffset}:${endOffset}`;
    const before = this.#seen.get(key);
    const seen = before ?? new Uint8Array(ran.length);
    let fresh = 0;
    for (let at = 0; at < ran.length; at++) {
      if (ran[at] === 0 || seen[at] === 1) continue;
      fresh++;
      if (isKept) seen[at] = 1;
    }
    if (isKept && before === undefined) this.#seen.set(key, seen);
    return fresh;
  }

  #call(method, params) {
    let answer;
    this.#session.post(method, params, (error, result) => {
      if (error !== null) throw new Error(`${method}: ${error.message}`);
      answer = result;
    });
    return answer;
  }
}
