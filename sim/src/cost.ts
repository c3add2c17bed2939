/** What a run costs, told by whoever has a clock: nothing here has one. */
export type Meter = {
  nowMs(): number;
  /** Of this process until now. Beside other work it tells more than the clock does. */
  cpuMs(): number;
  peakRssMb(): number;
};

export type Cost = { wallMs: number; cpuMs: number; peakRssMb: number };

export const NO_COST: Cost = { wallMs: 0, cpuMs: 0, peakRssMb: 0 };

/** @returns What has been spent since. */
export function startCost(meter: Meter): () => Cost {
  const startedAtMs = meter.nowMs();
  const cpuAtStartMs = meter.cpuMs();
  return () => ({
    wallMs: meter.nowMs() - startedAtMs,
    cpuMs: meter.cpuMs() - cpuAtStartMs,
    peakRssMb: meter.peakRssMb(),
  });
}
