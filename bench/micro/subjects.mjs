/**
 * What can be measured here, by its name on the command line. Loaded when wanted: a part of livemesh
 * that is broken breaks its own measurement only.
 */
export const SUBJECTS = {
  codec: async () => (await import("./codec.mjs")).codec(),
  engine: async () => (await import("./engine.mjs")).engine(),
  store: async ({ loadBlockStore }) =>
    (await import("./block-store.mjs")).blockStore(await loadBlockStore()),
  verify: async () => (await import("./verification.mjs")).verification(),
};
