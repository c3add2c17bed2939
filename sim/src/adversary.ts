import type { MeshAction } from "#mesh";
import type { PeerMessage } from "#protocol";
import type { SimBlock } from "./media-source.ts";
import type { Misbehavior } from "./scenario.ts";

/** Engine options of a peer that misbehaves from its start. */
export function adversaryOptions(misbehavior: Misbehavior | undefined): Record<string, number> {
  return misbehavior === "free-rider" ? { uploadLimitBps: 0 } : {};
}

/**
 * What a misbehaving peer's honest engine wanted to do, as it does it.
 * @returns Undefined for what it leaves undone.
 */
export function twisted(
  action: MeshAction & { type: "send" },
  misbehavior: Misbehavior,
): PeerMessage | undefined {
  const { message } = action;
  switch (misbehavior) {
    case "free-rider":
      // It says that it gives, and gives nothing.
      if (message.type === "hello") return { ...message, uploadBps: 10_000_000 };
      return message.type === "block" ? undefined : message;
    case "staller":
    case "eclipser":
      return message.type === "block" ? undefined : message;
    case "polluter": {
      if (message.type !== "block") return message;
      const block: SimBlock = { ...(message.block as SimBlock), isGenuine: false };
      return { type: "block", block };
    }
    case "liar": {
      if (message.type !== "have") return message;
      const chunks = message.chunks.map((chunk) => ({ ...chunk, has: chunk.has.map(() => true) }));
      const ahead = message.chunks.at(-1);
      if (ahead !== undefined) {
        chunks.push({ ...ahead, sequence: ahead.sequence + 1, has: ahead.has.map(() => true) });
      }
      return { type: "have", lagsMs: message.lagsMs.map(() => 20), chunks };
    }
  }
}
