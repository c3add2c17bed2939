// Receivers that cost as little as links allow: they take every stripe from the seeder, count what
// comes and throw it away, without an engine, signatures or a store. So that a seeder of many can be
// measured on the machine they run on: cheap-peers.mjs URL COUNT
import { memberPeerId } from "../../dist/mesh/topology/index.js";
import { parseWatchUrl } from "../../dist/node-peer/index.js";
import {
  decodePeerMessage,
  encodePeerMessage,
  PEER_PROTOCOL_VERSION,
  parseDescriptor,
} from "../../dist/protocol/index.js";
import { TrackerClient } from "../../dist/transport/index.js";
import { freeUdpPort, openUdpLinks } from "../../dist/transport/udp/index.js";

/** The first byte of a block's message; docs/protocol.md, section 2. */
const BLOCK = 9;
/** Neighbors that say nothing for a second lose their place. */
const SIGN_OF_LIFE_MS = 700;
/** Before a stripe that was refused is asked for again. */
const RETRY_MS = 500;

const [watchUrl, count] = process.argv.slice(2);
const { streamId, serverUrl } = parseWatchUrl(watchUrl);
const totals = { linked: 0, bytes: 0, refused: 0 };

for (let index = 0; index < Number(count); index++) {
  await join(memberPeerId(`peer${index}`));
}
let before = 0;
setInterval(() => {
  const mbit = ((totals.bytes - before) * 8) / 1e6;
  console.log(`linked=${totals.linked} mbit=${mbit.toFixed(0)} refused=${totals.refused}`);
  before = totals.bytes;
}, 1000);

async function join(peerId) {
  // A port for each: packets from one address to one port are those of one link.
  const bindAddress = "127.0.0.1";
  const place = { port: await freeUdpPort({ port: 0, bindAddress }), bindAddress };
  const others = { iceServers: () => [], without: "nothing is measured", log: console };
  const links = await openUdpLinks({ place, ...others });
  const tracker = new TrackerClient({ url: serverUrl, streamId, peerId, role: "viewer" });
  let link;
  tracker.subscribe({
    onAnnounced({ descriptor: { body }, peers }) {
      const seeder = peers.find(({ role }) => role === "seeder");
      if (link === undefined && seeder !== undefined) link = dial(seeder, parseDescriptor(body));
    },
    onRelay: (_from, signal) => link?.signal(signal),
  });
  tracker.start();

  function dial(seeder, descriptor) {
    let life;
    let isOpen = false;
    const say = (message) => made.send(encodePeerMessage(message));
    const subscribe = (track, stripe) =>
      say({ type: "subscribe", track, stripe, isUrgent: false, fromSequence: 0 });
    const made = links.create(seeder, "dial", {
      onOpen() {
        isOpen = true;
        totals.linked++;
        const { revision: descriptorRevision } = descriptor;
        const hello = { streamId, descriptorRevision, uploadBps: 0 };
        say({ type: "hello", version: PEER_PROTOCOL_VERSION, ...hello });
        for (const [track, { stripes }] of descriptor.tracks.entries()) {
          for (let stripe = 0; stripe < stripes; stripe++) subscribe(track, stripe);
        }
        life = setInterval(() => say({ type: "pong", token: 0 }), SIGN_OF_LIFE_MS);
      },
      onMessage(bytes) {
        totals.bytes += bytes.length;
        if (bytes[0] === BLOCK) return;
        const message = decodePeerMessage(bytes);
        if (message.type === "ping") say({ type: "pong", token: message.token });
        if (message.type !== "refuse") return;
        totals.refused++;
        setTimeout(() => subscribe(message.track, message.stripe), RETRY_MS);
      },
      onDrain() {},
      onClose() {
        if (isOpen) totals.linked--;
        clearInterval(life);
        link = undefined;
      },
      onSignal: (signal) => void tracker.relay(seeder.peerId, signal),
    });
    return made;
  }
}
