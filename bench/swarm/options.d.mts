export type SwarmOptions = {
  viewers: number;
  seconds: number;
  arrival: "steady" | "flash";
  everyMs: number;
  churn: number;
  seed: number;
  player: "livemesh" | "hls";
  clip: string | undefined;
  serve: string[];
  screenshot: string | undefined;
  json: boolean;
  save: boolean;
  help: boolean;
};
export const HELP: string;
export function readOptions(args: string[]): SwarmOptions;
