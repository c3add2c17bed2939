import { LATENCY_STEPS_MS, RTT_STEPS_MS, SCALE_COLORS, scaleIndex } from "./latency-scale.ts";
import type { MeshLayout, MeshNode } from "./mesh-layout.ts";

export type MeshView = {
  /** Of the picture's middle, in CSS pixels. */
  x: number;
  y: number;
  scale: number;
  width: number;
  height: number;
};

/** Widths of edges, in pixels, and the rates they begin at, in bit/s. */
const WIDTHS = [
  { fromBps: 0, px: 0.6 },
  { fromBps: 200_000, px: 1.2 },
  { fromBps: 600_000, px: 2.2 },
  { fromBps: 1_500_000, px: 3.6 },
] as const;
/** What nobody has chosen, while something is. */
const FADED = 0.12;
/** With more edges than this only the strongest into each peer stands out; the others are a shade, and
 * left out while the picture moves: 4,000 crossing lines show nothing, and take their time. */
const DENSE_EDGES = 600;
const SHADE = 0.05;

/** Draws a mesh. Edges of one color and width are one path: 4,000 lines are some dozens of strokes. */
export class MeshPainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #colors: string[] = [];
  #ink = "";
  #halo = "";

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("this browser has no canvas");
    this.#canvas = canvas;
    this.#context = context;
    this.readColors();
  }

  /** Again when the page has become light or dark. */
  readColors(): void {
    this.#colors = SCALE_COLORS.map((name) => resolved(this.#canvas, name));
    this.#ink = resolved(this.#canvas, "--ink");
    this.#halo = resolved(this.#canvas, "--raised");
  }

  draw(layout: MeshLayout, view: MeshView, chosen: ReadonlySet<string>): void {
    const context = this.#context;
    const ratio = this.#fit(view);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    context.translate(view.width / 2 + view.x, view.height / 2 + view.y);
    context.scale(view.scale, view.scale);
    this.#edges(layout, view.scale, chosen);
    this.#nodes(layout.nodes, view.scale, chosen);
  }

  #fit({ width, height }: MeshView): number {
    const ratio = Math.min(2, window.devicePixelRatio);
    const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== pixelsX || this.#canvas.height !== pixelsY) {
      this.#canvas.width = pixelsX;
      this.#canvas.height = pixelsY;
    }
    return ratio;
  }

  #edges({ edges, isMoving }: MeshLayout, scale: number, chosen: ReadonlySet<string>): void {
    const context = this.#context;
    const isDense = edges.length > DENSE_EDGES;
    const batches = new Map<string, { path: Path2D; color: number; px: number; alpha: number }>();
    for (const { source, target, link, isMain } of edges) {
      if (link.stripes === 0) continue;
      const color = scaleIndex(link.rttMs, RTT_STEPS_MS);
      const px = WIDTHS.findLast(({ fromBps }) => link.bps >= fromBps)?.px ?? WIDTHS[0].px;
      const isOurs = chosen.has(link.from) || chosen.has(link.to);
      const isShade = isDense && !isMain;
      if (isShade && isMoving && !isOurs) continue;
      const alpha =
        chosen.size > 0 ? (isOurs ? 0.95 : isShade ? SHADE / 2 : FADED) : isShade ? SHADE : 0.6;
      const key = `${color} ${px} ${alpha}`;
      let batch = batches.get(key);
      if (batch === undefined) {
        batch = { path: new Path2D(), color, px, alpha };
        batches.set(key, batch);
      }
      batch.path.moveTo(source.x ?? 0, source.y ?? 0);
      batch.path.lineTo(target.x ?? 0, target.y ?? 0);
    }
    for (const { path, color, px, alpha } of batches.values()) {
      context.globalAlpha = alpha;
      context.strokeStyle = this.#colors[color] ?? "";
      context.lineWidth = px / scale;
      context.stroke(path);
    }
    context.globalAlpha = 1;
  }

  #nodes(nodes: readonly MeshNode[], scale: number, chosen: ReadonlySet<string>): void {
    const context = this.#context;
    for (const node of nodes) {
      const { peer, x = 0, y = 0 } = node;
      const radius = radiusOf(node) / scale ** 0.8;
      const isChosen = chosen.has(peer.peerId);
      context.beginPath();
      if (peer.role === "seeder") square(context, x, y, radius);
      else context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fillStyle =
        peer.role === "seeder"
          ? this.#ink
          : (this.#colors[scaleIndex(peer.latencyMs, LATENCY_STEPS_MS)] ?? "");
      context.globalAlpha = peer.order?.isAway ? 0.45 : 1;
      context.fill();
      context.lineWidth = (isChosen ? 3 : 1.2) / scale;
      context.strokeStyle = isChosen ? this.#ink : this.#halo;
      context.stroke();
      if (peer.order !== undefined) {
        context.beginPath();
        context.arc(x, y, radius + 4 / scale, 0, 2 * Math.PI);
        context.setLineDash([3 / scale, 3 / scale]);
        context.strokeStyle = this.#ink;
        context.lineWidth = 1.4 / scale;
        context.stroke();
        context.setLineDash([]);
      }
      context.globalAlpha = 1;
    }
  }
}

/** The more it gives, the larger. In units of the layout at scale 1. */
export function radiusOf({ peer }: MeshNode): number {
  if (peer.role === "seeder") return 11;
  return 4 + Math.min(7, Math.sqrt(peer.bps.uploaded / 250_000));
}

function square(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.roundRect(x - radius, y - radius, 2 * radius, 2 * radius, radius / 3);
}

/** What a custom property comes to, light or dark: a canvas understands nothing else. */
function resolved(host: HTMLElement, name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  (host.parentElement ?? document.body).append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
