import "../index.ts";
import { serveEmbed } from "../embed/embed-host.ts";
import { SETTABLE } from "../embed/embed-message.ts";
import { elementById } from "./poll.ts";

const streamId = location.pathname.split("/").filter(Boolean).at(-1) ?? "";
const wanted = new URLSearchParams(location.search);

const player = document.createElement("livemesh-player");
for (const name of SETTABLE) {
  const text = wanted.get(name);
  if (text !== null && name !== "muted") player.setAttribute(name, text.slice(0, 200));
}
if (wanted.get("autoplay") !== "0") player.setAttribute("autoplay", "");
if (["1", "true", ""].includes(wanted.get("muted") ?? "0")) player.setAttribute("muted", "");
const token = wanted.get("token");
const watchUrl = new URL(`/watch/${streamId}`, location.href);
if (token !== null) watchUrl.searchParams.set("token", token);
player.setAttribute("src", watchUrl.href);
elementById("stage", HTMLElement).append(player);
serveEmbed(player, streamId);
