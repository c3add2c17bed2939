import {
  type Block,
  PEER_PROTOCOL_VERSION,
  type PeerId,
  type PeerMessage,
  type Role,
} from "#protocol";
import type { MeshAction, MeshEvent } from "../events.ts";
import { MeshEngine, type MeshEngineConfig } from "../mesh-engine.ts";
import { TREELESS_SCHEDULERS } from "../treeless/index.ts";
import {
  isGenuine,
  seededRandom,
  TEST_STREAM_ID,
  testDescriptor,
  testPeerId,
} from "./test-stream.ts";

/** One engine and its clock: events go in, what the engine wants done comes out. */
export class EngineRig {
  nowMs = 1000;
  readonly engine: MeshEngine;

  /** @param config What differs from a viewer of the test stream. */
  constructor(config: Partial<MeshEngineConfig> = {}) {
    this.engine = new MeshEngine({
      self: testPeerId("me"),
      role: "viewer",
      descriptor: testDescriptor(),
      signedDescriptor: { body: new Uint8Array([1]), signature: new Uint8Array(64) },
      random: seededRandom(1),
      schedulers: TREELESS_SCHEDULERS,
      ...config,
    });
  }

  feed(event: MeshEvent): MeshAction[] {
    return this.engine.step(event, this.nowMs);
  }

  message(from: PeerId, message: PeerMessage): MeshAction[] {
    return this.feed({ type: "message-received", from, message, sizeBytes: 100 });
  }

  connect(peerId: PeerId, options: { role?: Role; isDialed?: boolean } = {}): MeshAction[] {
    const { role = "viewer", isDialed = true } = options;
    return [
      ...this.feed({ type: "neighbor-connected", peer: { peerId, role }, isDialed }),
      ...this.message(peerId, {
        type: "hello",
        version: PEER_PROTOCOL_VERSION,
        streamId: TEST_STREAM_ID,
        descriptorRevision: 1,
        uploadBps: 10_000_000,
      }),
    ];
  }

  /** A neighbor tells which blocks of a chunk it holds. */
  claim(from: PeerId, track: number, sequence: number, has: boolean[]): MeshAction[] {
    const chunks = [{ track, sequence, has }];
    return this.message(from, { type: "have", lagsMs: [], chunks });
  }

  /** A block comes and is verified, when the engine wants that. */
  receive(from: PeerId, block: Block): MeshAction[] {
    const actions = this.message(from, { type: "block", block });
    if (!actions.some((action) => action.type === "verify")) return actions;
    const isValid = isGenuine(block);
    return [...actions, ...this.feed({ type: "block-verified", from, block, isValid })];
  }

  /** Wake the engine as often as it asks, until a time. */
  runUntil(atMs: number): MeshAction[] {
    const actions: MeshAction[] = [];
    while (this.engine.wakeAtMs <= atMs) {
      this.nowMs = Math.max(this.nowMs, this.engine.wakeAtMs);
      actions.push(...this.feed({ type: "tick" }));
    }
    this.nowMs = atMs;
    return actions;
  }
}

/** Messages of one type to one neighbor. */
export function sent<T extends PeerMessage["type"]>(
  to: PeerId,
  type: T,
  actions: readonly MeshAction[],
): (PeerMessage & { type: T })[] {
  return actions.flatMap((action) =>
    action.type === "send" && action.to === to && action.message.type === type
      ? [action.message as PeerMessage & { type: T }]
      : [],
  );
}
