import { AsyncLocalStorage } from "node:async_hooks";

/** What fails behind a wall is told to whoever built it. */
type Wall = { onCrash(error: unknown): void };

const walls = new AsyncLocalStorage<Wall>();
let isListening = false;

/**
 * Runs something whose bugs are its own affair: whatever it or its timers, sockets and promises
 * throw later comes to `onCrash`, and the process goes on. What is thrown outside of any wall ends
 * the process, as without this.
 */
export function behindWall<T>(onCrash: (error: unknown) => void, run: () => T): T {
  listen();
  return walls.run({ onCrash }, run);
}

/** Runs something that outlives what is behind the wall it is called from. */
export function outsideWalls<T>(run: () => T): T {
  return walls.exit(run);
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  // Rejections that nobody handles come here too.
  process.on("uncaughtException", (error) => {
    const wall = walls.getStore();
    if (wall !== undefined) return wall.onCrash(error);
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  });
}
