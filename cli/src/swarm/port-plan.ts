import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { UsageError } from "../usage-error.ts";

/** First port of each range, as on the command line; 0 lets the system choose. */
export type PortOptions = {
  peerCount: number;
  trackerPort: number;
  /** Undefined: there is no media server. */
  mediaServerPort: number | undefined;
  startPeerPort: number;
  startStreamingPort: number;
};

type PortRange = {
  /** The option that moves it. */
  option: string;
  transport: "TCP" | "UDP";
  first: number;
  count: number;
};

/**
 * That all ports of a swarm exist, are different and free.
 * @throws {UsageError} In one line that names the option.
 */
export async function checkPorts(options: PortOptions): Promise<void> {
  const ranges = portRanges(options).filter(({ first }) => first !== 0);
  for (const range of ranges) checkRange(range);
  for (const [index, range] of ranges.entries()) {
    for (const other of ranges.slice(0, index)) checkApart(other, range);
  }
  for (const range of ranges) {
    for (let port = range.first; port < range.first + range.count; port++) {
      if (await isFree(port, range.transport)) continue;
      throw new UsageError(
        `${range.transport} port ${port} is in use; stop what uses it or choose another with ${range.option}`,
      );
    }
  }
}

/** The port of the `index`th of a range that begins at `first`. */
export function portAt(first: number, index: number): number {
  return first === 0 ? 0 : first + index;
}

function portRanges(options: PortOptions): PortRange[] {
  const { peerCount: count, trackerPort, mediaServerPort = 0 } = options;
  return [
    { option: "--tracker-port", transport: "TCP", first: trackerPort, count: 1 },
    { option: "--media-server-port", transport: "TCP", first: mediaServerPort, count: 1 },
    {
      option: "--start-streaming-port",
      transport: "TCP",
      first: options.startStreamingPort,
      count,
    },
    { option: "--start-peer-port", transport: "UDP", first: options.startPeerPort, count },
  ];
}

function checkRange({ option, first, count }: PortRange): void {
  const last = first + count - 1;
  if (last <= 65_535) return;
  throw new UsageError(
    `${option} ${first} needs ports up to ${last}, and there are 65535; start at ${65_536 - count} or below`,
  );
}

function checkApart(a: PortRange, b: PortRange): void {
  if (a.transport !== b.transport) return;
  const port = Math.max(a.first, b.first);
  if (port >= Math.min(a.first + a.count, b.first + b.count)) return;
  throw new UsageError(`${a.option} and ${b.option} both use port ${port}; move one of them`);
}

async function isFree(port: number, transport: "TCP" | "UDP"): Promise<boolean> {
  const holder = transport === "TCP" ? createServer() : createSocket("udp4");
  try {
    if ("listen" in holder) holder.listen(port, "127.0.0.1");
    else holder.bind(port, "127.0.0.1");
    await once(holder, "listening");
    await new Promise<void>((resolve) => holder.close(() => resolve()));
    return true;
  } catch {
    return false;
  }
}
