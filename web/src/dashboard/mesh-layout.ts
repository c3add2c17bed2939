import {
  forceLink,
  forceManyBody,
  forceRadial,
  forceSimulation,
  type Simulation,
  type SimulationLinkDatum,
  type SimulationNodeDatum,
} from "d3-force";
import type { MeshLink, MeshPeerFigures, MeshPicture } from "#protocol/control";
import { meshDepths } from "./mesh-depth.ts";

export type MeshNode = SimulationNodeDatum & {
  peer: MeshPeerFigures;
  /** Hops from the seeder; undefined where no trees reach. */
  depth: number | undefined;
};
export type MeshEdge = SimulationLinkDatum<MeshNode> & {
  source: MeshNode;
  target: MeshNode;
  link: MeshLink;
  /** Of all that feed this peer, the one it gets most from. */
  isMain: boolean;
};

/** Distance between two hops, for a swarm of ten; grows so that a ring has room for its peers. */
const RING_PX = 90;
/** Below this nothing moves any more that an eye would see. */
const STILL_ALPHA = 0.02;

/**
 * Where peers are drawn: the seeder in the middle, others as far out as their hops, next to whom they
 * exchange with. Whoever stays, stays where it was.
 */
export class MeshLayout {
  readonly #nodes = new Map<string, MeshNode>();
  readonly #simulation: Simulation<MeshNode, MeshEdge>;
  #edges: MeshEdge[] = [];
  #shape = "";

  constructor() {
    this.#simulation = forceSimulation<MeshNode, MeshEdge>([])
      .alphaDecay(0.04)
      .velocityDecay(0.45)
      .stop();
  }

  get nodes(): MeshNode[] {
    return this.#simulation.nodes();
  }

  get edges(): readonly MeshEdge[] {
    return this.#edges;
  }

  get isMoving(): boolean {
    return this.#simulation.alpha() > STILL_ALPHA && this.#nodes.size > 0;
  }

  node(peerId: string): MeshNode | undefined {
    return this.#nodes.get(peerId);
  }

  /** One small step; to be called once a frame while it moves. */
  step(): void {
    this.#simulation.tick();
  }

  /** Nearest to a place, within `radius`. */
  at(x: number, y: number, radius: number): MeshNode | undefined {
    return this.#simulation.find(x, y, radius);
  }

  update({ peers, links }: MeshPicture): void {
    const seeders = peers.filter(({ role }) => role === "seeder").map(({ peerId }) => peerId);
    const depths = meshDepths(seeders, links);
    const before = new Map(this.#nodes);
    this.#nodes.clear();
    for (const peer of peers) {
      const known = before.get(peer.peerId);
      const depth = depths.get(peer.peerId);
      this.#nodes.set(peer.peerId, known ? Object.assign(known, { peer, depth }) : { peer, depth });
    }
    const main = strongestInto(links);
    this.#edges = links.flatMap((link) => {
      const source = this.#nodes.get(link.from);
      const target = this.#nodes.get(link.to);
      return source === undefined || target === undefined
        ? []
        : [{ source, target, link, isMain: main.get(link.to) === link }];
    });
    this.#place(before);
    this.#arrange();
  }

  /** Newcomers begin beside whoever feeds them. */
  #place(before: ReadonlyMap<string, MeshNode>): void {
    const parents = new Map(this.#edges.map(({ source, target }) => [target, source]));
    for (const [peerId, node] of this.#nodes) {
      const parent = parents.get(node);
      if (before.has(peerId) || parent?.x === undefined || parent.y === undefined) continue;
      const turn = angleOf(peerId);
      node.x = parent.x + 30 * Math.cos(turn);
      node.y = parent.y + 30 * Math.sin(turn);
    }
  }

  #arrange(): void {
    const nodes = [...this.#nodes.values()];
    const ring = RING_PX * Math.max(1, Math.sqrt(nodes.length / 30));
    const reached = nodes.flatMap(({ depth }) => (depth === undefined ? [] : [depth]));
    const outside = Math.max(0, ...reached) + 1;
    for (const node of nodes) {
      // The seeder does not wander about.
      const isSeeder = node.peer.role === "seeder";
      node.fx = isSeeder ? 0 : null;
      node.fy = isSeeder ? 0 : null;
    }
    const busy = this.#edges.filter(({ link }) => link.stripes > 0);
    this.#simulation
      .nodes(nodes)
      .force(
        "link",
        forceLink<MeshNode, MeshEdge>([...busy])
          .distance(ring)
          .strength(0.015),
      )
      .force(
        "charge",
        forceManyBody<MeshNode>()
          .strength(-60)
          .theta(1.1)
          .distanceMax(4 * ring),
      )
      .force(
        "radial",
        forceRadial<MeshNode>(({ depth }) => (depth ?? outside) * ring, 0, 0).strength(0.5),
      );
    const shape = busy.map(({ link }) => `${link.from}${link.to}`).join();
    if (shape === this.#shape) return;
    const isNew = this.#shape === "";
    this.#shape = shape;
    this.#simulation.alpha(Math.max(this.#simulation.alpha(), isNew ? 1 : 0.25));
  }
}

function strongestInto(links: readonly MeshLink[]): Map<string, MeshLink> {
  const strongest = new Map<string, MeshLink>();
  for (const link of links) {
    if (link.bps > (strongest.get(link.to)?.bps ?? -1)) strongest.set(link.to, link);
  }
  return strongest;
}

/** Of no meaning, but always the same. */
function angleOf(peerId: string): number {
  let sum = 0;
  for (const letter of peerId) sum = (sum * 31 + letter.charCodeAt(0)) % 6283;
  return sum / 1000;
}
