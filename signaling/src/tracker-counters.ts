import type { TrackerErrorCode } from "#protocol";

/** What the tracker counts about itself, cumulative since start. */
export class TrackerCounters {
  sockets = 0;
  /** Announces answered with yes, those after a reconnect included. */
  joins = 0;
  relayed = 0;
  /** Peers said to have sent forged blocks, each as often as it was said. */
  reports = 0;
  /** Publishes whose signature, key or proof was wrong. */
  verifyFailures = 0;
  /** Sockets closed or turned away for breaking a limit. */
  droppedSockets = 0;
  readonly refusals = new Map<TrackerErrorCode, number>();

  noteRefusal(code: TrackerErrorCode): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }
}
