import { z } from "zod";

/** What the launcher asks of a process that runs several peers, over the IPC channel. */
export const startPeer = z.object({
  name: z.string(),
  /** As behind `livemesh peer`. */
  args: z.array(z.string()),
  logFile: z.string(),
});
export type StartPeer = z.infer<typeof startPeer>;

/** What comes back on standard output: a peer's statistics with its name, or why there is none. */
export const hostLine = z.object({ name: z.string(), problem: z.string().optional() });
