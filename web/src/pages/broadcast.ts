import type { ApiStream } from "#protocol";
import { BrowserPublisher } from "../broadcast/browser-publisher.ts";
import { type Capture, encodeCapture } from "../broadcast/encoded-capture.ts";
import {
  type ChosenMedia,
  chooseCamera,
  chooseFile,
  chooseScreen,
  type SourceKind,
} from "../broadcast/media-choice.ts";
import { ownKey } from "../broadcast/own-key.ts";
import { elementById, getJson, poll } from "./poll.ts";
import { viewersText } from "./stream-text.ts";
import { offerThemes } from "./theme.ts";

const REFRESH_MS = 2000;
/** By height. */
const BITRATES_BPS: Record<string, number> = { 1080: 4e6, 720: 2e6, 480: 1e6, 360: 6e5 };

offerThemes(elementById("theme", HTMLElement));
const preview = elementById("preview", HTMLVideoElement);
const hint = elementById("hint", HTMLElement);
const badge = elementById("badge", HTMLElement);
const go = elementById("go", HTMLButtonElement);
const file = elementById("file", HTMLInputElement);
const quality = elementById("quality", HTMLSelectElement);
const microphone = elementById("microphone", HTMLInputElement);
const onAir = elementById("on-air", HTMLElement);

type Broadcast = { publisher: BrowserPublisher; capture: Capture; watchUrl: string };

let media: ChosenMedia | undefined;
let broadcast: Broadcast | undefined;

for (const button of document.querySelectorAll<HTMLElement>("[data-source]")) {
  button.addEventListener("click", () => {
    const kind = button.dataset.source as SourceKind;
    if (kind === "file") file.click();
    else void choose(kind, () => chooseLive(kind));
  });
}
file.addEventListener("change", () => {
  const [chosen] = file.files ?? [];
  if (chosen !== undefined) void choose("file", () => chooseFile(chosen));
});
elementById("controls", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void (broadcast === undefined ? start() : stop());
});
// Whoever leaves says so, as far as there is time for it.
addEventListener("pagehide", () => void broadcast?.publisher.close());
if (!isSecureContext || !("VideoEncoder" in window)) {
  say("problem", "Going live needs https (or localhost) and a browser with WebCodecs.");
}
poll(showFacts, REFRESH_MS);

function chooseLive(kind: "camera" | "screen"): Promise<ChosenMedia> {
  const height = Number(quality.value);
  return kind === "camera"
    ? chooseCamera(height, microphone.checked)
    : chooseScreen(microphone.checked);
}

async function choose(kind: SourceKind, get: () => Promise<ChosenMedia>): Promise<void> {
  say("problem", "");
  try {
    const chosen = await get();
    if (broadcast !== undefined) await stop();
    media?.release();
    media = chosen;
    preview.srcObject = chosen.stream;
    hint.hidden = true;
    go.disabled = false;
    for (const button of document.querySelectorAll<HTMLElement>("[data-source]")) {
      button.setAttribute("aria-pressed", String(button.dataset.source === kind));
    }
    // The screen's own "stop sharing", a camera that is unplugged.
    for (const track of chosen.stream.getTracks()) {
      track.addEventListener("ended", () => media === chosen && void stop());
    }
  } catch (error) {
    say("problem", reasonOf(error));
  }
}

async function start(): Promise<void> {
  if (media === undefined) return;
  go.disabled = true;
  say("problem", "");
  say("said", "Starting…");
  try {
    const key = await ownKey();
    const title = elementById("stream-title", HTMLInputElement).value;
    const token = new URLSearchParams(location.search).get("token") ?? undefined;
    const publisher = new BrowserPublisher({
      key,
      title,
      trackerUrl: location.origin,
      token,
      onChange: () => void showFacts(),
    });
    const height = Number(quality.value);
    const bitrateBps = BITRATES_BPS[quality.value] ?? 2e6;
    const capture = await encodeCapture(
      media.stream,
      { height, bitrateBps },
      {
        onFrame: (kind, frame, facts) => publisher.add(kind, frame, facts),
        onFailure: (error) => {
          say("problem", reasonOf(error));
          void stop();
        },
      },
    );
    broadcast = { publisher, capture, watchUrl: `${location.origin}/watch/${key.streamId}` };
    show();
  } catch (error) {
    say("problem", reasonOf(error));
    say("said", "");
  }
  go.disabled = false;
}

async function stop(): Promise<void> {
  const ended = broadcast;
  if (ended === undefined) return;
  broadcast = undefined;
  show();
  say("said", "The stream is over.");
  await ended.capture.stop();
  await ended.publisher.close();
}

function show(): void {
  const isLive = broadcast !== undefined;
  badge.hidden = !isLive;
  onAir.hidden = !isLive;
  go.textContent = isLive ? "Stop" : "Go live";
  go.classList.toggle("primary", !isLive);
  quality.disabled = isLive;
  if (broadcast === undefined) return;
  elementById("watch-link", HTMLInputElement).value = broadcast.watchUrl;
  elementById("open-link", HTMLAnchorElement).href = broadcast.watchUrl;
  say("said", `On air, ${broadcast.capture.codecs.map(nameOf).join(" and ")}`);
  void showFacts();
}

async function showFacts(): Promise<void> {
  if (broadcast === undefined) return;
  const { publisher } = broadcast;
  const { tracker, refusal, uploadedBytes } = publisher.facts;
  if (refusal !== undefined) say("problem", `The server refuses: ${refusal}`);
  const stream = await getJson<ApiStream>(`/api/streams/${publisher.streamId}`);
  const sent = `${(uploadedBytes / 1e6).toFixed(1)} MB sent`;
  const viewers = stream === undefined ? "" : `${viewersText(stream.viewers)}, `;
  const away = tracker === "online" ? "" : " (the server is not reachable)";
  elementById("facts", HTMLElement).textContent = `${viewers}${sent}${away}`;
}

function say(id: "said" | "problem", text: string): void {
  const element = elementById(id, HTMLElement);
  if (element.textContent !== text) element.textContent = text;
}

/** As people know it. */
function nameOf(codec: string): string {
  const names: Record<string, string> = { avc: "H.264", opus: "Opus" };
  return names[codec] ?? codec.toUpperCase();
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "NotAllowedError") {
    return "The browser was not allowed to use it.";
  }
  return error instanceof Error ? error.message : String(error);
}
