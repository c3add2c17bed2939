import type { TrackerClient } from "#transport";

/**
 * Tells in the console, once each, what the tracker says no to: a page that lacks a token, or a school
 * that is over a limit, finds the reason there. The player goes on trying.
 */
export function tellRefusals(tracker: Pick<TrackerClient, "subscribe">): void {
  let last = "";
  const tell = (message: string) => {
    if (message === last) return;
    last = message;
    // biome-ignore lint/suspicious/noConsole: for whoever builds or runs the page.
    console.warn(`livemesh: the tracker says: ${message}`);
  };
  tracker.subscribe({
    onRefused: (_what, { code, message }) => {
      // Part of every day: not here yet, not answered yet.
      if (code !== "unknown-stream" && code !== "no-answer") tell(message);
    },
    onGoodbye: ({ code, message }) => {
      if (code !== "moving") tell(message);
    },
  });
}
