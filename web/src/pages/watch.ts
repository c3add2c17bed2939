import "../index.ts";
import { type ApiStream, isStreamId } from "#protocol";
import { elementById, getJson, poll } from "./poll.ts";
import { mediaText, titleText, viewersText } from "./stream-text.ts";
import { offerThemes } from "./theme.ts";

const REFRESH_MS = 5000;
/** What stands below the picture waits for it, but not longer than this, in ms. */
const BEHIND_PICTURE_MS = 1000;

/** What lets this viewer in, if the operator wants something. */
const token = new URLSearchParams(location.search).get("token");
const streamId = location.pathname.split("/").filter(Boolean).at(-1) ?? "";

// Before anything else: the first frame is on its way while the rest of the page is made.
const player = document.createElement("livemesh-player");
player.setAttribute("autoplay", "");
player.setAttribute("src", location.href);
elementById("stage", HTMLElement).append(player);

offerThemes(elementById("theme", HTMLElement));
const title = elementById("title", HTMLElement);
const badge = elementById("badge", HTMLElement);
const viewers = elementById("viewers", HTMLElement);
const facts = elementById("facts", HTMLElement);

if (isStreamId(streamId)) {
  const firstFrame = new Promise((resolve) => {
    player.addEventListener("live", resolve, { once: true });
    setTimeout(resolve, BEHIND_PICTURE_MS);
  });
  void firstFrame.then(followStream);
} else {
  title.textContent = "This is not a stream's address";
}

function followStream(): void {
  poll(refresh, REFRESH_MS);
  // By now the tracker counts us as well.
  player.addEventListener("peerconnect", () => void refresh(), { once: true });
}

async function refresh(): Promise<void> {
  const stream = await getJson<ApiStream>(
    `/api/streams/${streamId}${token === null ? "" : `?token=${encodeURIComponent(token)}`}`,
  );
  if (stream === undefined) {
    if (badge.hidden) setText(title, "This stream is not on this server");
    showLive(false);
    setText(viewers, "");
    return;
  }
  const words = titleText(stream);
  setText(title, words);
  document.title = `${words} · livemesh`;
  badge.hidden = false;
  showLive(stream.live);
  setText(viewers, viewersText(stream.viewers));
  setText(facts, mediaText(stream));
}

function showLive(isLive: boolean): void {
  setText(badge, isLive ? "Live" : "Offline");
  badge.toggleAttribute("data-live", isLive);
}

/** Setting what is there would lay out and paint the page anew, every few seconds. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

elementById("share", HTMLElement).addEventListener("click", async () => {
  // Few share: what it takes is loaded when somebody does.
  const { openShareDialog } = await import("./share-dialog.ts");
  const { origin, pathname } = location;
  openShareDialog(title.textContent ?? "", `${origin}${pathname}`);
});

/** Keys work wherever the focus is, as long as nobody is typing. */
document.addEventListener("keydown", (event) => {
  const isElsewhere = event.target instanceof Node && !player.contains(event.target);
  const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key === "s" && isElsewhere && !isShortcut) player.toggleStats();
});
