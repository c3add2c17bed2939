import type { ApiStream } from "#protocol";
import { BrowserPublisher } from "../broadcast/browser-publisher.ts";
import { type Capture, encodeCapture } from "../broadcast/encoded-capture.ts";
import { IngestOutlet } from "../broadcast/ingest-outlet.ts";
import {
  type ChosenMedia,
  chooseCamera,
  chooseFile,
  chooseMicrophone,
  chooseScreen,
  type SourceKind,
} from "../broadcast/media-choice.ts";
import type { Outlet } from "../broadcast/outlet.ts";
import { ownKey } from "../broadcast/own-key.ts";
import { offerWays } from "./broadcast-way.ts";
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

const wayChosen = offerWays();

type Broadcast = { outlet: Outlet; capture: Capture };

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
addEventListener("pagehide", () => void broadcast?.outlet.close());
if (!isSecureContext || !("VideoEncoder" in window)) {
  say("problem", "Going live needs https (or localhost) and a browser with WebCodecs.");
}
poll(showFacts, REFRESH_MS);

function chooseLive(kind: Exclude<SourceKind, "file">): Promise<ChosenMedia> {
  switch (kind) {
    case "camera":
      return chooseCamera(Number(quality.value), microphone.checked);
    case "screen":
      return chooseScreen(microphone.checked);
    case "microphone":
      return chooseMicrophone();
  }
}

async function choose(kind: SourceKind, get: () => Promise<ChosenMedia>): Promise<void> {
  say("problem", "");
  try {
    const chosen = await get();
    if (broadcast !== undefined) await stop();
    media?.release();
    media = chosen;
    preview.srcObject = chosen.stream;
    const hasPicture = chosen.stream.getVideoTracks().length > 0;
    hint.hidden = hasPicture;
    hint.textContent = "Sound only: there is nothing to see.";
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
  let outlet: Outlet | undefined;
  try {
    const opened = await openOutlet();
    outlet = opened;
    const height = Number(quality.value);
    const bitrateBps = BITRATES_BPS[quality.value] ?? 2e6;
    const capture = await encodeCapture(
      media.stream,
      { height, bitrateBps },
      {
        onTracks: (kinds) => opened.begin(kinds),
        onFrame: (kind, frame, facts) => opened.add(kind, frame, facts),
        onFailure: (error) => {
          say("problem", reasonOf(error));
          void stop();
        },
      },
    );
    broadcast = { outlet, capture };
    show();
  } catch (error) {
    void outlet?.close();
    say("problem", reasonOf(error));
    say("said", "");
  }
  go.disabled = false;
}

async function openOutlet(): Promise<Outlet> {
  const onChange = () => void showFacts();
  const way = wayChosen();
  if (way.kind === "ingest") return new IngestOutlet({ url: way.url, onChange });
  const token = new URLSearchParams(location.search).get("token") ?? undefined;
  const title = elementById("stream-title", HTMLInputElement).value;
  const key = await ownKey();
  return new BrowserPublisher({ key, title, trackerUrl: location.origin, token, onChange });
}

async function stop(said = "The stream is over."): Promise<void> {
  const ended = broadcast;
  if (ended === undefined) return;
  broadcast = undefined;
  show();
  say("said", said);
  await ended.capture.stop();
  await ended.outlet.close();
}

function show(): void {
  const isLive = broadcast !== undefined;
  badge.hidden = !isLive;
  onAir.hidden = !isLive;
  go.textContent = isLive ? "Stop" : "Go live";
  go.classList.toggle("primary", !isLive);
  quality.disabled = isLive;
  wayChosen.lock(isLive);
  if (broadcast === undefined) return;
  const { codecs, isMute } = broadcast.capture;
  const sent = codecs.map(nameOf).join(" and ");
  say("said", `On air, ${sent}${isMute ? "; this browser cannot send the sound" : ""}`);
  void showFacts();
}

async function showFacts(): Promise<void> {
  const shown = broadcast;
  if (shown === undefined) return;
  const { streamId, isConnected, refusal, isTooSlow, sentBytes } = shown.outlet.facts;
  if (refusal !== undefined) {
    say("problem", `The server refuses: ${refusal}`);
    await stop("");
    return;
  }
  say(
    "problem",
    isTooSlow ? "The connection is too slow for this quality: pictures are left out" : "",
  );
  const stream =
    streamId === undefined ? undefined : await getJson<ApiStream>(`/api/streams/${streamId}`);
  if (broadcast !== shown) return;
  const isWatchable = stream !== undefined;
  elementById("watch-line", HTMLElement).hidden = !isWatchable;
  if (isWatchable) {
    const watchUrl = `${location.origin}/watch/${streamId}`;
    elementById("watch-link", HTMLInputElement).value = watchUrl;
    elementById("open-link", HTMLAnchorElement).href = watchUrl;
  }
  const parts = [
    isWatchable ? viewersText(stream.viewers) : "not listed on this server yet",
    `${(sentBytes / 1e6).toFixed(1)} MB sent`,
  ];
  const away = isConnected ? "" : " (the server is not reachable, trying again)";
  elementById("facts", HTMLElement).textContent = `${parts.join(", ")}${away}`;
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
