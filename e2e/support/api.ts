import type { RunningStream } from "./livemesh.ts";

/** What these tests read of `GET /api/stats`. */
export type StreamCounters = {
  id: string;
  viewers: number;
  chunks: number;
  blocks: number;
  bytes: { copy: number; seeder: number; origin: number; control: number };
};

type ListedStream = { id: string; live: boolean; viewers: number };

export async function streamCounters(stream: RunningStream): Promise<StreamCounters> {
  const { streams } = await getJson<{ streams: StreamCounters[] }>(`${stream.baseUrl}/api/stats`);
  const counters = streams.find(({ id }) => id === stream.streamId);
  if (counters === undefined) throw new Error(`/api/stats does not name ${stream.streamId}`);
  return counters;
}

export async function listedStream(stream: RunningStream): Promise<ListedStream | undefined> {
  const streams = await getJson<ListedStream[]>(`${stream.baseUrl}/api/streams`);
  return streams.find(({ id }) => id === stream.streamId);
}

export async function listedPeers({
  baseUrl,
  streamId,
}: Pick<RunningStream, "baseUrl" | "streamId">): Promise<{ peerId: string; role: string }[]> {
  return getJson(`${baseUrl}/api/streams/${streamId}/peers`);
}

export async function viewerIds(stream: RunningStream): Promise<string[]> {
  const peers = await listedPeers(stream);
  return peers.filter(({ role }) => role === "viewer").map(({ peerId }) => peerId);
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status}`);
  return (await response.json()) as T;
}
