import type { Alerts, ControlStream } from "#protocol/control";
import { AlertForm } from "../dashboard/alert-form.ts";
import { ControlClient, ControlRefusal } from "../dashboard/control-client.ts";
import { StreamPicker } from "../dashboard/stream-picker.ts";
import { StreamView } from "../dashboard/stream-view.ts";
import { elementById, poll } from "./poll.ts";
import { offerThemes } from "./theme.ts";

/** As often as peers tell. */
const REFRESH_MS = 2000;

offerThemes(elementById("theme", HTMLElement));
const said = elementById("said", HTMLElement);
const board = elementById("board", HTMLElement);
const none = elementById("none", HTMLElement);
const login = elementById("login", HTMLFormElement);
const client = new ControlClient();
const picker = new StreamPicker(elementById("streams", HTMLElement), pick);
const view = new StreamView(client, run);
const alerts = new AlertForm(client, run);
let picked = new URLSearchParams(location.hash.slice(1)).get("stream") ?? undefined;

login.addEventListener("submit", (event) => {
  event.preventDefault();
  client.token = elementById("token", HTMLInputElement).value.trim();
  run(refresh);
});
watchColors();
poll(() => attempt(refresh), REFRESH_MS);

function pick(id: string): void {
  picked = id;
  history.replaceState(null, "", `#stream=${id}`);
  view.pick(id);
  run(refresh);
}

async function refresh(): Promise<void> {
  const [streams, firing] = await Promise.all([
    client.get<ControlStream[]>("/streams"),
    client.get<Alerts>("/alerts"),
  ]);
  login.hidden = true;
  const stream = streams.find(({ id }) => id === picked) ?? streams[0];
  picked = stream?.id;
  view.pick(picked);
  picker.show(streams, picked);
  const titles = new Map(streams.map(({ id, title }) => [id, title]));
  alerts.show(firing, (id) => titles.get(id) ?? id);
  none.hidden = stream !== undefined;
  board.hidden = stream === undefined;
  if (stream !== undefined) await view.refresh(stream);
}

/** Something somebody asked for: what it changed is shown at once. */
function run(act: () => Promise<void>): void {
  void attempt(act);
}

async function attempt(act: () => Promise<void>): Promise<void> {
  try {
    await act();
    said.textContent = "";
  } catch (error) {
    if (!(error instanceof ControlRefusal)) throw error;
    const isLocked = error.status === 401 || error.status === 403;
    if (isLocked) {
      login.hidden = false;
      board.hidden = true;
    }
    // A peer that has just left is no news.
    if (error.status !== 404) said.textContent = error.message;
  }
}

/** Canvases do not follow the page's colors by themselves. */
function watchColors(): void {
  const recolor = () => view.recolor();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
  new MutationObserver(recolor).observe(document.documentElement, {
    attributeFilter: ["data-theme"],
  });
}
