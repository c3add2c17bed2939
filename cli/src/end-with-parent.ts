/** An orderly stop takes less, in ms; what takes longer is cut short. */
const STOP_WITHIN_MS = 3000;

/**
 * A command that was started with an IPC channel ends when that closes: nothing of a swarm stays
 * behind, also when its launcher was killed. Without a channel this does nothing.
 */
export function endWithParent(): void {
  // Node's types do not know that a process without a channel has neither of these.
  const { connected, channel } = process as Partial<Pick<NodeJS.Process, "connected" | "channel">>;
  if (connected === undefined) return;
  if (!connected) process.exit(0);
  process.once("disconnect", () => {
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    process.kill(process.pid, "SIGTERM");
  });
  channel?.unref();
}
