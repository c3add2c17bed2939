export function ensureTool(
  name: "ffmpeg" | "nginx" | "redis-server" | "turnserver",
  say?: (line: string) => void,
): string | undefined;
