export function ensureTool(
  name: "ffmpeg" | "nginx",
  say?: (line: string) => void,
): string | undefined;
