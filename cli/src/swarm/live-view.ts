import type { SwarmState, SwarmWatcher } from "./swarm.ts";
import { headline, liveTable } from "./swarm-table.ts";

/** Between two lines where nothing can be redrawn, in ms. */
const LINE_PAUSE_MS = 5000;
const CLEAR_TO_END = "\x1b[J";

type Output = Pick<NodeJS.WriteStream, "isTTY" | "write" | "rows" | "columns">;

/** Shows a running swarm: a table redrawn in place on a terminal, else a line now and then. */
export class LiveView implements SwarmWatcher {
  readonly #output: Output;
  #drawnLines = 0;
  #nextLineMs = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  tick(state: SwarmState): void {
    if (this.#output.isTTY) {
      // A terminal that does not know its size says 0.
      const rows = this.#output.rows || 24;
      const columns = this.#output.columns || 80;
      const lines = liveTable(state, rows - 1).map((line) => line.slice(0, columns - 1));
      this.clear();
      this.#output.write(`${lines.join("\n")}\n`);
      this.#drawnLines = lines.length;
    } else if (state.elapsedMs >= this.#nextLineMs) {
      this.#nextLineMs = state.elapsedMs + LINE_PAUSE_MS;
      this.#output.write(`${headline(state)}\n`);
    }
  }

  say(message: string): void {
    this.clear();
    this.#output.write(`${message}\n`);
  }

  /** Takes the table away; what is written next stands where it was. */
  clear(): void {
    if (this.#drawnLines > 0) this.#output.write(`\x1b[${this.#drawnLines}A\r${CLEAR_TO_END}`);
    this.#drawnLines = 0;
  }
}
