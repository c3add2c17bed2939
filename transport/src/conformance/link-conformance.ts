import { WIRE_LIMITS } from "#protocol";
import { LINK_HIGH_WATER_BYTES, LINK_LOW_WATER_BYTES } from "../link.ts";
import { expectEqual, expectSameMessages, patternBytes } from "./expect.ts";
import {
  closePair,
  connectPair,
  fromNear,
  type LinkPair,
  type LinkRig,
  openPair,
  shuffled,
} from "./link-pair.ts";
import { RecordedLink } from "./recorded-link.ts";

/** One promise of links. Rejects with the reason when the rig's links do not keep it. */
export type LinkCheck = { name: string; run(rig: LinkRig): Promise<void> };

const LARGEST = WIRE_LIMITS.messageBytes;

/** What every kind of link must do, named as tests; the caller brings the test runner. */
export const linkConformance: readonly LinkCheck[] = [
  {
    name: "opens at both ends, once",
    async run(rig) {
      const pair = await openPair(rig);
      await exchange(pair, [patternBytes(10, 1)]);
      expectEqual([pair.dial.count("open"), pair.answer.count("open")], [1, 1], "opened");
      await closePair(pair);
    },
  },
  {
    name: "carries messages of 0, 1 and 16384 bytes whole and intact, both ways",
    async run(rig) {
      const pair = await openPair(rig);
      await exchange(pair, [patternBytes(0, 0), patternBytes(1, 1), patternBytes(LARGEST, 2)]);
      await closePair(pair);
    },
  },
  {
    name: "carries a view into a larger buffer as just that view",
    async run(rig) {
      const pair = await openPair(rig);
      await exchange(pair, [patternBytes(1000, 3).subarray(100, 300)]);
      await closePair(pair);
    },
  },
  {
    name: "delivers each of 300 messages once, while both ends send",
    async run(rig) {
      const pair = await openPair(rig);
      await exchange(
        pair,
        Array.from({ length: 300 }, (_, i) => patternBytes(1 + ((i * 127) % 4000), i)),
      );
      await closePair(pair);
    },
  },
  {
    name: "is open before the first message comes, and may be sent to from the open callback",
    async run(rig) {
      const pair = connectPair(rig);
      for (const end of [pair.dial, pair.answer]) {
        end.onEvent = ({ type }) => {
          if (type === "open") end.link.send(Uint8Array.of(42));
        };
      }
      for (const end of [pair.dial, pair.answer]) {
        await end.until("a message", () => end.messages.length === 1);
        expectEqual(
          end.events.map(({ type }) => type),
          ["open", "message"],
          "events",
        );
      }
      await closePair(pair);
    },
  },
  {
    name: "tells once when the buffer has drained after being above the high water mark",
    async run(rig) {
      const pair = await openPair(rig);
      const { near, far } = fromNear(rig, pair);
      const message = patternBytes(LARGEST, 1);
      let sent = 0;
      // The channel's own buffers take some; 4 MiB is more than any of them.
      while (near.link.bufferedBytes < LINK_HIGH_WATER_BYTES && sent < 256) {
        near.link.send(message);
        sent++;
      }
      expectEqual(near.link.bufferedBytes >= LINK_HIGH_WATER_BYTES, true, "above the mark");
      await near.until("drain", () => near.count("drain") > 0);
      expectEqual(near.link.bufferedBytes <= LINK_LOW_WATER_BYTES, true, "at the low mark");
      await far.until("all messages", () => far.messages.length === sent);
      expectEqual(near.count("drain"), 1, "drain events");
      await closePair(pair);
    },
  },
  {
    name: "does not tell of draining when the high water mark was never reached",
    async run(rig) {
      const pair = await openPair(rig);
      pair.dial.link.send(patternBytes(LARGEST, 1));
      await pair.answer.until("the message", () => pair.answer.messages.length === 1);
      await exchange(pair, [patternBytes(100, 2)], 1);
      expectEqual(pair.dial.count("drain"), 0, "drain events");
      await closePair(pair);
    },
  },
  {
    name: "tells the other end that it was closed",
    async run(rig) {
      for (const closer of ["dial", "answer"] as const) {
        const pair = await openPair(rig);
        const other = closer === "dial" ? pair.answer : pair.dial;
        pair[closer].link.close();
        await other.until("close", () => other.closeReason !== undefined);
        await pair[closer].until("close", () => pair[closer].closeReason !== undefined);
        expectEqual(other.closeReason, "closed-there", "reason there");
        expectEqual(pair[closer].closeReason, "closed-here", "reason here");
      }
    },
  },
  {
    name: "calls nothing but onClose after close, and that not from inside",
    async run(rig) {
      const { near, far } = fromNear(rig, await openPair(rig));
      for (let i = 0; i < 50; i++) {
        far.link.send(patternBytes(1000, i));
        near.link.send(patternBytes(LARGEST, i));
      }
      const before = near.events.length;
      near.link.close();
      near.link.close();
      expectEqual(near.events.length, before, "events from inside close");
      await near.until("close", () => near.closeReason !== undefined);
      await far.until("close", () => far.closeReason !== undefined);
      await turnOfTheLoop();
      expectEqual(
        near.events.slice(before).map(({ type }) => type),
        ["close"],
        "events after close",
      );
    },
  },
  {
    name: "drops what is sent before it is open and after it is closed",
    async run(rig) {
      const pair = connectPair(rig);
      pair.dial.link.send(Uint8Array.of(1));
      for (const end of [pair.dial, pair.answer]) await end.until("open", () => end.isOpen);
      await exchange(pair, [Uint8Array.of(2)]);
      await closePair(pair);
      pair.dial.link.send(Uint8Array.of(3));
      pair.dial.link.signal({ type: "candidate", candidate: "", mid: "0" });
      await turnOfTheLoop();
      expectSameMessages(pair.answer.messages, [Uint8Array.of(2)]);
    },
  },
  {
    name: "opens with candidates before the answer, and with every signal twice",
    async run(rig) {
      const pair = await openPair(rig, shuffled);
      await exchange(pair, [patternBytes(10, 1)]);
      await closePair(pair);
    },
  },
  {
    name: "reports a failed dial once, and never opens",
    async run(rig) {
      const dial = new RecordedLink(rig.dialer, "dial");
      dial.onSignal = ({ type }) => {
        if (type === "offer") dial.link.signal({ type: "answer", sdp: "no description" });
      };
      await dial.until("close", () => dial.closeReason !== undefined);
      await turnOfTheLoop();
      expectEqual(dial.events, [{ type: "close", reason: "failed" }], "events");
    },
  },
  {
    name: "reports a failed answer once",
    async run(rig) {
      const answer = new RecordedLink(rig.answerer, "answer");
      answer.link.signal({ type: "offer", sdp: "no description" });
      await answer.until("close", () => answer.closeReason !== undefined);
      await turnOfTheLoop();
      expectEqual(answer.events, [{ type: "close", reason: "failed" }], "events");
    },
  },
  {
    name: "ignores candidates that are none",
    async run(rig) {
      const pair = connectPair(rig);
      for (const end of [pair.dial, pair.answer]) {
        end.link.signal({ type: "candidate", candidate: "nonsense", mid: "0" });
        end.link.signal({ type: "candidate", candidate: "candidate:1 1 udp", mid: "7" });
      }
      for (const end of [pair.dial, pair.answer]) await end.until("open", () => end.isOpen);
      await closePair(pair);
    },
  },
  {
    name: "can be closed before it is open",
    async run(rig) {
      const dial = new RecordedLink(rig.dialer, "dial");
      dial.link.close();
      await dial.until("close", () => dial.closeReason !== undefined);
      await turnOfTheLoop();
      expectEqual(dial.events, [{ type: "close", reason: "closed-here" }], "events");
    },
  },
  {
    name: "delivers a message above 16384 bytes, for its owner to count against the sender",
    async run(rig) {
      const pair = await openPair(rig);
      await exchange(pair, [patternBytes(LARGEST + 1, 1), patternBytes(60_000, 2)]);
      await closePair(pair);
    },
  },
  {
    name: "keeps links between the same two peers apart",
    async run(rig) {
      const pairs = [await openPair(rig), await openPair(rig)];
      for (const [i, pair] of pairs.entries()) await exchange(pair, [patternBytes(10, i)]);
      for (const pair of pairs) await closePair(pair);
    },
  },
];

/** Send every message from each end to the other and compare. @param already Received before. */
async function exchange(
  { dial, answer }: LinkPair,
  messages: readonly Uint8Array[],
  already = 0,
): Promise<void> {
  for (const message of messages) {
    dial.link.send(message);
    answer.link.send(message);
  }
  for (const [end, before] of [
    [dial, 0],
    [answer, already],
  ] as const) {
    await end.until("all messages", () => end.messages.length >= before + messages.length);
    expectSameMessages(end.messages.slice(before), messages);
  }
}

/** Time for a callback that should not come, without guessing how long: two turns of the loop. */
async function turnOfTheLoop(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}
