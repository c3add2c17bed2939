import type {
  ControlPeer,
  ControlStream,
  Experiment,
  MeshPicture,
  PeerOrder,
  RecordingState,
  StreamPoint,
} from "#protocol/control";
import { elementById } from "../pages/poll.ts";
import type { ControlClient } from "./control-client.ts";
import { MeshCanvas } from "./mesh-canvas.ts";
import type { MeshNode } from "./mesh-layout.ts";
import { PeerPanel } from "./peer-panel.ts";
import { PeerTable } from "./peer-table.ts";
import { saveFile } from "./save-file.ts";
import { StreamCharts } from "./stream-charts.ts";
import { TuningForm } from "./tuning-form.ts";
import { mbit, percent, seconds, whole } from "./words.ts";

const button = (id: string) => elementById(id, HTMLButtonElement);
const field = (id: string) => elementById(id, HTMLInputElement);

/** One stream: its picture, its charts, and what can be done with it. */
export class StreamView {
  readonly #client: ControlClient;
  readonly #run: (act: () => Promise<void>) => void;
  readonly #canvas: MeshCanvas;
  readonly #charts = new StreamCharts(elementById("charts", HTMLElement));
  readonly #peer: PeerPanel;
  readonly #table: PeerTable;
  readonly #tuning = new TuningForm(
    elementById("tuning", HTMLElement),
    elementById("tuning-more", HTMLElement),
  );
  readonly #tip = elementById("tip", HTMLElement);
  #id: string | undefined;
  #picture: MeshPicture | undefined;
  #chosen: ReadonlySet<string> = new Set();
  /** Whose figures are shown: the last one chosen. */
  #shown: string | undefined;

  /** @param run Does something, and shows what came of it. */
  constructor(client: ControlClient, run: (act: () => Promise<void>) => void) {
    this.#client = client;
    this.#run = run;
    const choose = (peerId: string | undefined, isMore: boolean) => this.#choose(peerId, isMore);
    this.#canvas = new MeshCanvas(elementById("mesh", HTMLCanvasElement), {
      onChoose: choose,
      onHover: (node, x, y) => this.#hover(node, x, y),
    });
    this.#peer = new PeerPanel(elementById("peer", HTMLElement), (peerId) => choose(peerId, false));
    this.#table = new PeerTable(elementById("peers", HTMLElement), choose);
    this.#listen();
  }

  /** Another stream, or none. */
  pick(id: string | undefined): void {
    if (id === this.#id) return;
    this.#id = id;
    this.#picture = undefined;
    this.#charts.clear();
    this.#choose(undefined, false);
  }

  /** What is new since the last time. */
  async refresh(stream: ControlStream): Promise<void> {
    const path = `/streams/${stream.id}`;
    const sinceMs = this.#charts.newestMs;
    const [picture, points] = await Promise.all([
      this.#client.get<MeshPicture>(`${path}/mesh`),
      this.#client.get<StreamPoint[]>(`${path}/history?sinceMs=${sinceMs}`),
    ]);
    // Another one was picked meanwhile.
    if (this.#id !== stream.id) return;
    this.#picture = picture;
    this.#canvas.show(picture);
    this.#table.show(picture, this.#chosen);
    this.#charts.add(points.filter(({ atMs }) => atMs > this.#charts.newestMs));
    showFigures(stream, picture);
    await this.#refreshPeer();
  }

  recolor(): void {
    this.#canvas.recolor();
    this.#charts.recolor();
    this.#peer.recolor();
  }

  async #refreshPeer(): Promise<void> {
    const peerId = this.#shown;
    const isThere = this.#picture?.peers.some((peer) => peer.peerId === peerId) ?? false;
    if (peerId === undefined || !isThere) return this.#peer.hide();
    const peer = await this.#client.get<ControlPeer>(`/streams/${this.#id}/peers/${peerId}`);
    if (this.#shown === peerId) this.#peer.show(peer);
  }

  #choose(peerId: string | undefined, isMore: boolean): void {
    if (peerId === undefined) this.#chosen = isMore ? this.#chosen : new Set();
    else if (!isMore) this.#chosen = new Set([peerId]);
    else {
      const chosen = new Set(this.#chosen);
      if (!chosen.delete(peerId)) chosen.add(peerId);
      this.#chosen = chosen;
    }
    this.#shown = [...this.#chosen].at(-1);
    this.#canvas.choose(this.#chosen);
    if (this.#picture !== undefined) this.#table.show(this.#picture, this.#chosen);
    const { size } = this.#chosen;
    elementById("chosen", HTMLElement).textContent =
      size === 0
        ? "Nobody is chosen: click a peer, Shift adds more."
        : `${size} ${size === 1 ? "peer is" : "peers are"} chosen.`;
    for (const id of ["throttle", "away", "free"]) button(id).disabled = size === 0;
    this.#run(() => this.#refreshPeer());
  }

  /** Some viewers, each as likely as any other. */
  #chooseSome(share: number): void {
    const viewers = (this.#picture?.peers ?? []).filter(({ role }) => role === "viewer");
    const drawn = viewers
      .map(({ peerId }) => ({ peerId, at: Math.random() }))
      .sort((a, b) => a.at - b.at)
      .slice(0, Math.ceil(viewers.length * share));
    this.#chosen = new Set(drawn.map(({ peerId }) => peerId));
    this.#choose(undefined, true);
  }

  #hover(node: MeshNode | undefined, x: number, y: number): void {
    this.#tip.hidden = node === undefined;
    if (node === undefined) return;
    const { peer, depth } = node;
    const hops = depth === undefined ? "fed by the origin" : `${depth.toFixed(1)} hops`;
    this.#tip.textContent = `${peer.peerId}\n${seconds(peer.latencyMs)} behind, ${hops}\n${mbit(peer.bps.uploaded)} Mbit/s up`;
    this.#tip.style.translate = `${x + 14}px ${y + 14}px`;
  }

  #listen(): void {
    button("fit").addEventListener("click", () => this.#canvas.fit());
    button("choose-some").addEventListener("click", () => this.#chooseSome(0.1));
    button("throttle").addEventListener("click", () =>
      this.#order({ uploadBps: Number(field("order-upload").value) * 1e6 }),
    );
    button("away").addEventListener("click", () => this.#order({ isAway: true }));
    button("free").addEventListener("click", () => this.#order({}));
    elementById("experiment", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#experiment(this.#tuning.wanted);
    });
    button("experiment-end").addEventListener("click", () => {
      this.#tuning.show({});
      this.#experiment({});
    });
    button("record").addEventListener("click", () => this.#record());
    for (const [id, path, name] of EXPORTS) {
      button(id).addEventListener("click", () =>
        this.#run(async () => saveFile(name, await this.#client.file(`${this.#path}${path}`))),
      );
    }
  }

  get #path(): string {
    return `/streams/${this.#id}`;
  }

  #order(order: Pick<PeerOrder, "uploadBps" | "isAway">): void {
    const peerIds = [...this.#chosen];
    if (peerIds.length === 0) return;
    const forSec = Number(field("order-sec").value);
    this.#run(async () => {
      await this.#client.change("POST", `${this.#path}/orders`, { peerIds, forSec, ...order });
    });
  }

  #experiment(experiment: Experiment): void {
    this.#run(async () => {
      await this.#client.change("PUT", `${this.#path}/experiment`, experiment);
    });
  }

  #record(): void {
    const isRunning = button("record").dataset.running === "true";
    this.#run(async () => {
      const path = `${this.#path}/recording`;
      const state = isRunning
        ? await this.#client.change<RecordingState>("DELETE", path)
        : await this.#client.change<RecordingState>("PUT", path, {});
      showRecording(state.isRunning);
    });
  }
}

const EXPORTS = [
  ["export-json", "/recording", "livemesh-recording.json"],
  ["export-csv", "/recording.csv?table=stream", "livemesh-stream.csv"],
  ["export-peers", "/recording.csv?table=peers", "livemesh-peers.csv"],
  ["export-events", "/recording.csv?table=events", "livemesh-events.csv"],
] as const;

function showRecording(isRunning: boolean): void {
  const record = button("record");
  record.dataset.running = String(isRunning);
  record.textContent = isRunning ? "Stop recording" : "Start recording";
}

function showFigures(stream: ControlStream, picture: MeshPicture): void {
  const { newest, viewers, bitrateBps, chunkMs, experiment, orderedPeers } = stream;
  const say = (id: string, text: string) => {
    elementById(id, HTMLElement).textContent = text;
  };
  say("stream-title", stream.title || stream.id);
  say(
    "stream-facts",
    `${stream.scheduler}, ${stream.overlay} · chunks of ${chunkMs} ms · ${mbit(bitrateBps)} Mbit/s · ${stream.id}`,
  );
  say("figure-viewers", whole(viewers));
  say("figure-offload", percent(newest?.offload));
  say("figure-latency", seconds(newest?.latencyP50Ms));
  say("figure-stalls", newest?.stallsPerMinute?.toFixed(2) ?? "–");
  const { copy = 0, seeder = 0, origin = 0 } = newest?.publisherBps ?? {};
  say("figure-copies", copy > 0 ? ((seeder + origin) / copy).toFixed(1) : "–");
  const told = `${picture.peers.length} of ${picture.members} peers have told`;
  say("mesh-facts", picture.peers.length < picture.members ? told : `${picture.members} peers`);
  const { tuning = {}, ...others } = experiment;
  const changed = [
    ...Object.entries({ ...tuning, ...others }).map(([name, value]) => `${name} ${value}`),
    ...(orderedPeers === 0 ? [] : [`${orderedPeers} under orders`]),
  ];
  say("experiment-now", changed.length === 0 ? "None is running." : `Now: ${changed.join(", ")}`);
  showRecording(stream.isRecording);
}
