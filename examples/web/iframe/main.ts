import { createEmbed } from "livemesh/embed";
import { watchUrl } from "../stream.ts";

const byId = (id: string) => document.getElementById(id) as HTMLElement;

const embed = createEmbed(byId("player"), await watchUrl(), { muted: true });
embed.on("statechange", ({ state }) => {
  byId("state").textContent = state;
});
byId("pause").addEventListener("click", () => embed.pause());
byId("play").addEventListener("click", () => embed.play());
byId("stats").addEventListener("click", () => embed.toggleStats());

// For the console: await embed.getStats()
Object.assign(window, { embed });
