/** Neighbors of an operator's relay, as in node-peer; half of them may have dialed it. */
const DEGREE_HIGH = 500;

/** Engine options of an operator's relay, as `livemesh peer --relay --upload` sets them. */
export function relayOptions(uplinkBps: number): Record<string, number> {
  return { degreeHigh: DEGREE_HIGH, fanOut: DEGREE_HIGH, uploadLimitBps: uplinkBps };
}
