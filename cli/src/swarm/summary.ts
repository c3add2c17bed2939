import { addFigures, type Figures, type Member, NO_FIGURES, receivedBytes } from "./member.ts";
import type { SourceFigures } from "./source-figures.ts";
import type { SwarmState } from "./swarm.ts";

/** What a swarm came to. A contract of `livemesh swarm --json`: fields are added, never changed. */
export type SwarmSummary = {
  watchUrl: string;
  durationMs: number;
  /** Why it ended. */
  end: string;
  members: MemberSummary[];
  totals: Figures & { receivedBytes: number; kills: number };
  /** Share of received bytes that came from peers, 0 to 1; null when nobody received anything. */
  offload: number | null;
  /** Null when the tracker never told. */
  source: (SourceFigures & { copies: number | null }) | null;
  /** Everything that makes the exit code 1, one line each. */
  problems: string[];
};

export type MemberSummary = Figures & {
  name: string;
  state: Member["state"];
  receivedBytes: number;
  latencyMs: { mean: number | null; max: number | null };
  kills: number;
};

export function summarize(state: SwarmState): SwarmSummary {
  const { members, source } = state;
  const totals = totalOf(members);
  const received = receivedBytes(totals);
  const kills = members.reduce((sum, { kills }) => sum + kills, 0);
  return {
    watchUrl: state.watchUrl,
    durationMs: Math.round(state.elapsedMs),
    end: state.end ?? "still running",
    members: members.map(memberSummary),
    totals: { ...totals, receivedBytes: received, kills },
    offload: share(totals.fromPeers, received),
    source: source === undefined ? null : { ...source, copies: copiesOf(source) },
    problems: problemsOf(state),
  };
}

export function totalOf(members: readonly Member[]): Figures {
  return members.reduce((sum, { figures }) => addFigures(sum, figures), NO_FIGURES);
}

/** From 0 to 1; null of nothing. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function copiesOf({ copy, seeder, origin }: SourceFigures): number | null {
  return share(seeder + origin, copy);
}

function memberSummary({ name, state, figures, latency, kills }: Member): MemberSummary {
  const round = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms));
  return {
    name,
    state,
    ...figures,
    receivedBytes: receivedBytes(figures),
    latencyMs: { mean: round(latency.mean), max: round(latency.max) },
    kills,
  };
}

function problemsOf({ failure, members, source, isWhole }: SwarmState): string[] {
  const ofMember = ({ name, problem, figures, kills }: Member): string[] => {
    if (problem !== undefined) return [problem];
    if (figures.gaps > 0) return [`${name} has gaps: ${figures.gaps}`];
    const received = receivedBytes(figures);
    if (received === 0) return [`${name} received nothing`];
    const missing = isWhole && kills === 0 && source !== undefined ? source.copy - received : 0;
    return missing > 0 ? [`${name} lacks ${missing} of ${source?.copy} bytes`] : [];
  };
  return [...(failure === undefined ? [] : [failure]), ...members.flatMap(ofMember)];
}
