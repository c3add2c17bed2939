import type { ControlPeer } from "#protocol/control";
import { element } from "./element.ts";
import { TimeChart } from "./time-chart.ts";
import { mbit, percent, seconds, whole } from "./words.ts";

/** Everything one peer has told: figures, neighbors, its last two minutes. */
export class PeerPanel {
  readonly #host: HTMLElement;
  readonly #figures = element("dl", { class: "figures" });
  readonly #neighbors = element("tbody");
  readonly #heading = element("h3");
  readonly #charts: readonly [TimeChart, TimeChart];
  readonly #onChoose: (peerId: string) => void;

  constructor(host: HTMLElement, onChoose: (peerId: string) => void) {
    this.#host = host;
    this.#onChoose = onChoose;
    const latency = element("div", { class: "chart" });
    const traffic = element("div", { class: "chart" });
    const head = ["neighbor", "RTT", "in", "out", "stripes"].map((name) =>
      element("th", { scope: "col" }, name),
    );
    const table = element(
      "table",
      {},
      element("caption", {}, "Neighbors; rates in Mbit/s, stripes from it / to it"),
      element("thead", {}, element("tr", {}, ...head)),
      this.#neighbors,
    );
    host.replaceChildren(
      this.#heading,
      this.#figures,
      latency,
      traffic,
      element("div", { class: "scroll" }, table),
    );
    this.#charts = [
      new TimeChart(latency, {
        title: "Latency, s",
        least: 2,
        format: (value) => value.toFixed(1),
        lines: [{ label: "latency", color: "--line-1" }],
      }),
      new TimeChart(traffic, {
        title: "Mbit/s",
        format: (value) => value.toFixed(1),
        lines: [
          { label: "down", color: "--line-1" },
          { label: "of it from peers", color: "--line-2" },
          { label: "up", color: "--line-3" },
        ],
      }),
    ];
  }

  hide(): void {
    this.#host.hidden = true;
  }

  show(peer: ControlPeer): void {
    this.#host.hidden = false;
    this.#heading.textContent = `${peer.role === "seeder" ? "Seeder" : "Viewer"} ${peer.peerId}`;
    this.#figures.replaceChildren(
      ...figuresOf(peer).flatMap(([name, value]) => [
        element("dt", {}, name),
        element("dd", {}, value),
      ]),
    );
    this.#neighbors.replaceChildren(...peer.neighbors.map((one) => this.#row(one)));
    const times = peer.history.map(({ atMs }) => atMs / 1000);
    const [latency, traffic] = this.#charts;
    const inMbit = (read: (one: ControlPeer["history"][number]) => number) =>
      peer.history.map((one) => read(one) / 1e6);
    latency.draw([
      times,
      peer.history.map(({ latencyMs }) => (latencyMs === undefined ? null : latencyMs / 1000)),
    ]);
    traffic.draw([
      times,
      inMbit(({ downBps }) => downBps),
      inMbit(({ peersBps }) => peersBps),
      inMbit(({ upBps }) => upBps),
    ]);
  }

  recolor(): void {
    for (const chart of this.#charts) chart.recolor();
  }

  #row(neighbor: ControlPeer["neighbors"][number]): HTMLTableRowElement {
    const name = element("button", { type: "button", class: "link" }, neighbor.peerId);
    name.addEventListener("click", () => this.#onChoose(neighbor.peerId));
    const cells = [
      neighbor.rttMs === undefined ? "–" : `${whole(neighbor.rttMs)} ms`,
      mbit(neighbor.receivedBps),
      mbit(neighbor.sentBps),
      `${neighbor.parentOf} / ${neighbor.childOf}`,
    ];
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      ...cells.map((text) => element("td", {}, text)),
    );
  }
}

function figuresOf(peer: ControlPeer): [string, string][] {
  const { bps, hints, order } = peer;
  const downBps = bps.peers + bps.seeder + bps.origin;
  return [
    ["Latency", seconds(peer.latencyMs)],
    ["Offload", percent(downBps > 0 ? bps.peers / downBps : undefined)],
    ["From peers", `${mbit(bps.peers)} Mbit/s`],
    ["From the seeder", `${mbit(bps.seeder)} Mbit/s`],
    ["From the origin", `${mbit(bps.origin)} Mbit/s`],
    ["Uploads", `${mbit(bps.uploaded)} Mbit/s`],
    ["Uplink", `${mbit(peer.uplink.budgetBps)}, ${mbit(peer.uplink.promisedBps)} promised`],
    ["Neighbors", whole(peer.neighborCount)],
    ["Chunks missed", whole(peer.missedChunks)],
    ["Blocks rejected", whole(peer.rejectedBlocks)],
    ...(hints.region === undefined ? [] : [["Region", hints.region] as [string, string]]),
    ...(hints.nat === undefined ? [] : [["NAT", hints.nat] as [string, string]]),
    ...(order === undefined ? [] : [["Order", orderText(order)] as [string, string]]),
  ];
}

function orderText({ uploadBps, isAway, endsInSec }: NonNullable<ControlPeer["order"]>): string {
  const what = [
    ...(isAway ? ["out of the mesh"] : []),
    ...(uploadBps === undefined ? [] : [`uploads ${mbit(uploadBps)} Mbit/s at most`]),
  ];
  return `${what.join(", ")}, for ${Math.round(endsInSec)} s`;
}
