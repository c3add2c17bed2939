import type { Block } from "#protocol";
import type { Subject } from "./harness.d.mts";

/** What of the block store is measured. */
export type BlockStoreClass = new (
  windowMs: number,
) => {
  add(block: Block): unknown;
  block(track: number, sequence: number, index: number): Block | undefined;
};

/** No export of `#mesh`, so whoever runs it says which one: built or source. */
export type Parts = { loadBlockStore(): Promise<BlockStoreClass> };

export type SubjectName = "codec" | "engine" | "store" | "verify";

export const SUBJECTS: Record<SubjectName, (parts: Parts) => Promise<Subject>>;
