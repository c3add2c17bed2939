import { blocksOfStream, CHUNK_MS } from "./stream.mjs";

const WINDOW_MS = 10_000;
const WINDOW_CHUNKS = WINDOW_MS / CHUNK_MS;
/** Chunks added to a full window in one run: each pushes the oldest out. */
const CHUNKS_BEYOND = 2000;
/** Windows in one run: one alone takes microseconds, as does reading the CPU time. */
const WINDOWS = 40;

/** @param BlockStore Given, for it is no export of `#mesh`: built or source, as the caller runs. */
export function blockStore(BlockStore) {
  const first = blocksOfStream(0);
  // Only headers differ: bytes are looked at by nobody here, and 8,000 copies would be 130 MB.
  const chunkOf = (sequence) =>
    first.map((block) => ({ ...block, sequence, sourceTimeMs: sequence * CHUNK_MS }));
  const window = range(0, WINDOW_CHUNKS).flatMap(chunkOf);
  const beyond = range(WINDOW_CHUNKS, CHUNKS_BEYOND).flatMap(chunkOf);
  const full = () => filled(BlockStore, window);
  return {
    name: "store",
    title: "block store: one block, window of 10 s",
    unit: "ns",
    cases: [
      {
        name: "add, window filling",
        operations: WINDOWS * window.length,
        prepare: () => range(0, WINDOWS).map(() => new BlockStore(WINDOW_MS)),
        run: (stores) => repeat((at) => addAll(stores[at], window)),
      },
      {
        name: "add, window full: the oldest goes",
        operations: beyond.length,
        prepare: full,
        run: (store) => addAll(store, beyond),
      },
      {
        name: "add what is held",
        operations: WINDOWS * window.length,
        prepare: full,
        run: (store) => repeat(() => addAll(store, window)),
      },
      {
        name: "look up what is held",
        operations: WINDOWS * window.length,
        prepare: full,
        run: (store) => repeat(() => countHeld(store, window)),
      },
      {
        name: "look up what is not held",
        operations: beyond.length,
        prepare: full,
        run: (store) => countHeld(store, beyond),
      },
    ],
  };
}

function filled(BlockStore, blocks) {
  const store = new BlockStore(WINDOW_MS);
  addAll(store, blocks);
  return store;
}

function addAll(store, blocks) {
  let last;
  for (const block of blocks) last = store.add(block);
  return last;
}

function countHeld(store, blocks) {
  let heldCount = 0;
  for (const { track, sequence, index } of blocks) {
    if (store.block(track, sequence, index) !== undefined) heldCount++;
  }
  return heldCount;
}

function repeat(run) {
  let last;
  for (let at = 0; at < WINDOWS; at++) last = run(at);
  return last;
}

function range(start, count) {
  return Array.from({ length: count }, (_, at) => start + at);
}
