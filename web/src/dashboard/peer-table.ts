import type { MeshPicture } from "#protocol/control";
import { element } from "./element.ts";
import { mbit, seconds, whole } from "./words.ts";

/** Rows shown: those who give most, and those who are chosen. */
const ROWS_MAX = 40;

/** The picture in words, for keyboards and screen readers, and for choosing by figures. */
export class PeerTable {
  readonly #body: HTMLElement;
  readonly #onChoose: (peerId: string, isMore: boolean) => void;

  constructor(body: HTMLElement, onChoose: (peerId: string, isMore: boolean) => void) {
    this.#body = body;
    this.#onChoose = onChoose;
  }

  show({ peers }: MeshPicture, chosen: ReadonlySet<string>): void {
    const place = (peerId: string) => (chosen.has(peerId) ? 0 : 1);
    const rows = [...peers].sort(
      (a, b) => place(a.peerId) - place(b.peerId) || b.bps.uploaded - a.bps.uploaded,
    );
    const focused = document.activeElement?.getAttribute("data-peer");
    this.#body.replaceChildren(
      ...rows.slice(0, ROWS_MAX).map((peer) => {
        const name = element("button", { type: "button", class: "link" }, peer.peerId);
        name.dataset.peer = peer.peerId;
        name.setAttribute("aria-pressed", String(chosen.has(peer.peerId)));
        name.addEventListener("click", (event) =>
          this.#onChoose(peer.peerId, event.shiftKey || event.ctrlKey || event.metaKey),
        );
        const { bps } = peer;
        const cells = [
          peer.role,
          seconds(peer.latencyMs),
          mbit(bps.peers),
          mbit(bps.seeder),
          mbit(bps.origin),
          mbit(bps.uploaded),
          whole(peer.neighborCount),
        ];
        const row = element(
          "tr",
          {},
          element("th", { scope: "row" }, name),
          ...cells.map((text) => element("td", {}, text)),
        );
        if (chosen.has(peer.peerId)) row.dataset.chosen = "";
        return row;
      }),
    );
    // A new picture comes every two seconds: whoever is on a row stays there.
    if (focused != null) {
      this.#body.querySelector<HTMLElement>(`[data-peer="${CSS.escape(focused)}"]`)?.focus();
    }
  }
}
