import { Child, type ChildOptions } from "./child.ts";

/** Every process the launcher started and that still runs. */
export class Children {
  readonly #running = new Set<Child>();
  #isClosed = false;
  readonly #killAll = () => {
    for (const child of this.#running) child.kill();
  };

  constructor() {
    // The last resort, for a launcher that fails: exit handlers cannot wait.
    process.on("exit", this.#killAll);
  }

  /** @throws {Error} After {@link close}: nothing is started behind its back. */
  start(options: ChildOptions): Child {
    if (this.#isClosed) throw new Error(`${options.name} was not started: the swarm is over`);
    const child = new Child(options);
    this.#running.add(child);
    void child.exit.then(() => this.#running.delete(child));
    return child;
  }

  /** Whatever still runs is asked to end, and forced after a while. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#running].map((child) => child.stop()));
    process.off("exit", this.#killAll);
  }
}
