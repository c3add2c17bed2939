export function ensureTool(
  name: "ffmpeg" | "gst-launch-1.0" | "nginx" | "redis-server" | "turnserver",
  say?: (line: string) => void,
): string | undefined;
