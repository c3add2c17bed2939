import type { TrackerClient } from "#transport";
import type { Steering, SteeringConfig } from "#transport/steering";

/** What the tracker's operator may do with a player, loaded when one first does something. */
export function steerLazily(
  tracker: TrackerClient,
  config: Omit<SteeringConfig, "send">,
  signal: AbortSignal,
): void {
  let loading: Promise<Steering> | undefined;
  const load = async () => {
    const { Steering } = await import("#transport/steering");
    const made = new Steering({ ...config, send: (report) => tracker.sendPeerReport(report) });
    signal.addEventListener("abort", () => made.stop());
    return made;
  };
  tracker.subscribe({
    onSteer: async (message) => {
      loading ??= load();
      try {
        const steering = await loading;
        if (!signal.aborted) steering.take(message);
      } catch {
        // An older or newer server no longer has the file: the next message tries again.
        loading = undefined;
      }
    },
  });
}
