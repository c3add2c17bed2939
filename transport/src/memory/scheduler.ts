/** Runs a task later; `delayMs` of 0 still means: not from inside this call. */
export type Schedule = (task: () => void, delayMs: number) => void;

/** As soon as the caller has returned; delays are ignored, so nothing ever waits. */
export const microtaskSchedule: Schedule = (task) => queueMicrotask(task);
