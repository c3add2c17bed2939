/** A part of the engine with something to do at a time of its own. */
export type Part = {
  /** When to call `housekeep`, at the latest; infinity for never. */
  readonly dueAtMs: number;
  housekeep(): void;
};
