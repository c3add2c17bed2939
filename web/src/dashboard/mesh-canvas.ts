import type { MeshPicture } from "#protocol/control";
import { MeshLayout, type MeshNode } from "./mesh-layout.ts";
import { MeshPainter, type MeshView } from "./mesh-painter.ts";

export type MeshCanvasHandlers = {
  /** Somebody chose a peer; `isMore` keeps those chosen before. Undefined: none. */
  onChoose(peerId: string | undefined, isMore: boolean): void;
  onHover(node: MeshNode | undefined, x: number, y: number): void;
};

const SCALE = { min: 0.15, max: 8 };
/** A press that moves less than this is a click, in pixels. */
const CLICK_PX = 4;
/** From the mouse to a point, in pixels. */
const REACH_PX = 14;

/** The picture of a mesh: moves, is zoomed and dragged, and is drawn only when something has changed. */
export class MeshCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #painter: MeshPainter;
  readonly #layout = new MeshLayout();
  readonly #view: MeshView = { x: 0, y: 0, scale: 1, width: 0, height: 0 };
  readonly #handlers: MeshCanvasHandlers;
  #chosen: ReadonlySet<string> = new Set();
  #isFitted = true;
  #isAsked = false;

  constructor(canvas: HTMLCanvasElement, handlers: MeshCanvasHandlers) {
    this.#canvas = canvas;
    this.#handlers = handlers;
    this.#painter = new MeshPainter(canvas);
    new ResizeObserver(() => this.#ask()).observe(canvas);
    this.#listen();
  }

  show(picture: MeshPicture): void {
    this.#layout.update(picture);
    this.#ask();
  }

  choose(chosen: ReadonlySet<string>): void {
    this.#chosen = chosen;
    this.#ask();
  }

  /** All of it again, after somebody has zoomed. */
  fit(): void {
    this.#isFitted = true;
    this.#ask();
  }

  recolor(): void {
    this.#painter.readColors();
    this.#ask();
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => this.#frame());
  }

  #frame(): void {
    this.#isAsked = false;
    const view = this.#view;
    view.width = this.#canvas.clientWidth;
    view.height = this.#canvas.clientHeight;
    if (view.width === 0 || view.height === 0) return;
    const wasMoving = this.#layout.isMoving;
    if (wasMoving) this.#layout.step();
    if (this.#isFitted) this.#fitNow();
    this.#painter.draw(this.#layout, view, this.#chosen);
    // One more frame when it has come to rest: what was left out on the way is drawn then.
    if (wasMoving) this.#ask();
  }

  #fitNow(): void {
    const { nodes } = this.#layout;
    let reach = 60;
    for (const { x = 0, y = 0 } of nodes) reach = Math.max(reach, Math.abs(x), Math.abs(y));
    const { width, height } = this.#view;
    const wanted = Math.min(2, (Math.min(width, height) / 2 - 18) / reach);
    Object.assign(this.#view, { x: 0, y: 0, scale: Math.max(SCALE.min, wanted) });
  }

  #listen(): void {
    const canvas = this.#canvas;
    let pressed: { x: number; y: number; isDrag: boolean } | undefined;
    canvas.addEventListener("pointerdown", (event) => {
      pressed = { x: event.offsetX, y: event.offsetY, isDrag: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      const { offsetX, offsetY } = event;
      if (pressed === undefined) {
        this.#handlers.onHover(this.#nodeAt(offsetX, offsetY), offsetX, offsetY);
        return;
      }
      const [dx, dy] = [offsetX - pressed.x, offsetY - pressed.y];
      if (!pressed.isDrag && Math.hypot(dx, dy) < CLICK_PX) return;
      pressed = { x: offsetX, y: offsetY, isDrag: true };
      this.#isFitted = false;
      this.#view.x += dx;
      this.#view.y += dy;
      this.#ask();
    });
    canvas.addEventListener("pointerup", (event) => {
      if (pressed?.isDrag === false) {
        const found = this.#nodeAt(event.offsetX, event.offsetY);
        const isMore = event.shiftKey || event.ctrlKey || event.metaKey;
        this.#handlers.onChoose(found?.peer.peerId, isMore);
      }
      pressed = undefined;
    });
    canvas.addEventListener("pointerleave", () => this.#handlers.onHover(undefined, 0, 0));
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.#zoom(event.offsetX, event.offsetY, Math.exp(-event.deltaY / 500));
      },
      { passive: false },
    );
    canvas.addEventListener("dblclick", () => this.fit());
  }

  #zoom(x: number, y: number, by: number): void {
    const view = this.#view;
    const scale = Math.min(SCALE.max, Math.max(SCALE.min, view.scale * by));
    const factor = scale / view.scale;
    const [fromX, fromY] = [x - view.width / 2, y - view.height / 2];
    // What is under the mouse stays there.
    view.x = fromX - (fromX - view.x) * factor;
    view.y = fromY - (fromY - view.y) * factor;
    view.scale = scale;
    this.#isFitted = false;
    this.#ask();
  }

  #nodeAt(x: number, y: number): MeshNode | undefined {
    const { scale, width, height } = this.#view;
    const at = (value: number, size: number, shift: number) => (value - size / 2 - shift) / scale;
    return this.#layout.at(
      at(x, width, this.#view.x),
      at(y, height, this.#view.y),
      REACH_PX / scale,
    );
  }
}
