/** What has no line break after this much is no line of ours, in characters. */
const MAX_LINE_LENGTH = 64 * 1024;

/** Cuts text that comes in pieces into lines. A line without end is thrown away, up to its end. */
export class LineSplitter {
  #rest = "";
  #isSkipping = false;

  /** The lines that `text` completes, without their line breaks. */
  push(text: string): string[] {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#isSkipping && lines.length > 0) {
      this.#isSkipping = false;
      lines.shift();
    }
    if (this.#isSkipping || this.#rest.length > MAX_LINE_LENGTH) {
      this.#isSkipping = true;
      this.#rest = "";
    }
    return lines.filter((line) => line.length <= MAX_LINE_LENGTH);
  }
}
