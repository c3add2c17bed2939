import { parseAttributes } from "./parse-playlist.ts";

/** What a multivariant playlist violates of RFC 8216bis; sections in brackets. */
export function problemsOfMaster(text: string): string[] {
  const problems: string[] = [];
  const lines = text.split("\n");
  if (lines[0] !== "#EXTM3U") problems.push("does not begin with #EXTM3U");
  if (lines.pop() !== "") problems.push("the last line does not end");
  const groups = new Map<string, string[]>();
  lines.forEach((line, index) => {
    if (line.startsWith("#EXT-X-MEDIA:")) {
      const media = parseAttributes(line.slice("#EXT-X-MEDIA:".length), problems);
      for (const name of ["TYPE", "GROUP-ID", "NAME", "CHANNELS"]) {
        if (!media.has(name)) problems.push(`EXT-X-MEDIA needs ${name} [4.4.6.1]`);
      }
      const group = media.get("GROUP-ID") ?? "";
      const names = groups.get(group) ?? [];
      const name = media.get("NAME") ?? "";
      if (names.includes(name)) problems.push("one NAME twice in a group [4.4.6.1.1]");
      groups.set(group, [...names, name]);
    }
    if (!line.startsWith("#EXT-X-STREAM-INF:")) return;
    const variant = parseAttributes(line.slice("#EXT-X-STREAM-INF:".length), problems);
    if (!/^[1-9]\d*$/.test(variant.get("BANDWIDTH") ?? "")) {
      problems.push("EXT-X-STREAM-INF needs BANDWIDTH [4.4.6.2]");
    }
    if (Number(variant.get("AVERAGE-BANDWIDTH")) > Number(variant.get("BANDWIDTH"))) {
      problems.push("more on average than at the peak [4.4.6.2]");
    }
    if (!/^".+"$/.test(variant.get("CODECS") ?? "")) problems.push("no CODECS [4.4.6.2]");
    const uri = lines[index + 1] ?? "";
    if (uri === "" || uri.startsWith("#")) problems.push("a variant without an address [4.4.6.2]");
    const audio = variant.get("AUDIO");
    if (audio !== undefined && !groups.has(audio)) problems.push("an unknown group [4.4.6.2]");
  });
  if (!text.includes("#EXT-X-STREAM-INF:")) problems.push("no variant");
  return problems;
}
