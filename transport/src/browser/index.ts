export * from "./browser-links.ts";
export type { CandidateKind, IceAttempt } from "./ice-attempt.ts";
