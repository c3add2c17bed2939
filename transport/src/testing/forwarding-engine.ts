import type { MeshAction, MeshEngineConfig, MeshEvent } from "#mesh";
import type { PeerId, SignedPeerRecord } from "#protocol";
import { ScriptedEngine } from "./scripted-engine.ts";

/** Connects to whom it is introduced, and passes on negotiation without any of the engine's
 * scruples. */
export class ForwardingEngine extends ScriptedEngine {
  readonly neighbors = new Set<PeerId>();
  own: SignedPeerRecord | undefined;

  constructor(config: MeshEngineConfig) {
    super(config);
    this.respond = (event) => this.#respond(event);
  }

  #respond(event: MeshEvent): MeshAction[] {
    switch (event.type) {
      case "membership":
        this.own = event.own;
        return [];
      case "peers-introduced":
        return event.peers.map(({ peerId }) => ({ type: "connect", peer: peerId }));
      case "neighbor-connected":
        this.neighbors.add(event.peer.peerId);
        return [];
      case "neighbor-disconnected":
        this.neighbors.delete(event.peer);
        return [];
      case "signal-out": {
        const { via, to, body } = event;
        if (this.own === undefined) return [];
        return [{ type: "send", to: via, message: { type: "signal", to, from: this.own, body } }];
      }
      case "message-received": {
        const { from: via, message } = event;
        if (message.type !== "signal") return [];
        const { to, from, body } = message;
        if (to === this.config.self) return [{ type: "receive-signal", via, from, body }];
        return [{ type: "send", to, message }];
      }
      default:
        return [];
    }
  }
}
