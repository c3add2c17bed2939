export class FrameTimes {
  push(bytes: Uint8Array, nowMs: number): void;
  before(bytes: Uint8Array, count: number): number | undefined;
}
