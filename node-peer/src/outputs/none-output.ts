import type { Output } from "./output.ts";

/** Goes nowhere: the peer only helps the swarm. */
export class NoneOutput implements Output {
  readonly name = "none";
  async open(): Promise<void> {}
  async close(): Promise<void> {}
}
