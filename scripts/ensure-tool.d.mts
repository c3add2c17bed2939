type ToolName =
  | "ffmpeg"
  | "firefox-esr"
  | "gst-launch-1.0"
  | "nginx"
  | "redis-server"
  | "turnserver";

export function ensureTool(name: ToolName, say?: (line: string) => void): string | undefined;
export function findTool(name: ToolName): string | undefined;
