import { exponential, heavyTailed } from "./random.ts";
import type { Incident } from "./scenario.ts";
import type { Simulation } from "./simulation.ts";

/** The first viewer comes then, in ms: there is a stream. */
const FIRST_ARRIVAL_MS = 1000;
/** Attackers come when their victim has, and call again this often, in ms. */
const SIEGE_AT_MS = 2000;
const SIEGE_PAUSE_MS = 3000;

/** Put into the calendar whatever the scenario says will happen. */
export function scheduleScenario(simulation: Simulation): void {
  const { scenario } = simulation;
  spread(simulation, FIRST_ARRIVAL_MS, scenario.peers, scenario.arrival.overMs);
  for (const incident of scenario.incidents) {
    simulation.after(incident.atMs, () => happen(simulation, incident));
  }
  for (let i = 0; i < scenario.eclipsers; i++) {
    simulation.after(SIEGE_AT_MS, () => besiege(simulation));
  }
  if (scenario.churnPerMinute > 0) {
    simulation.after(scenario.measureFromMs, () => churn(simulation));
  }
}

function spread(simulation: Simulation, fromMs: number, viewers: number, overMs: number): void {
  for (let i = 0; i < viewers; i++) {
    simulation.after(fromMs + (overMs * i) / viewers, () => simulation.arrive());
  }
}

function happen(simulation: Simulation, incident: Incident): void {
  const { tracker, origin, seeder, random } = simulation;
  const some = (share: number) => simulation.aliveViewers.filter(() => random() < share);
  switch (incident.type) {
    case "vanish":
      for (const viewer of some(incident.share)) simulation.vanish(viewer);
      return;
    case "crowd":
      return spread(simulation, 0, incident.viewers, incident.overMs);
    case "seeder-cut":
      seeder.host.isCut = true;
      return simulation.after(incident.forMs, () => {
        seeder.host.isCut = false;
      });
    case "tracker-lost":
      tracker.isUp = false;
      return;
    case "origin-lost":
      origin.isUp = false;
      return;
    case "slow-uplinks":
      for (const { host } of some(incident.share)) host.uplinkBps *= incident.factor;
      return;
    case "turn":
      for (const viewer of some(incident.share)) viewer.misbehavior = incident.into;
      return;
  }
}

/** An exit, a newcomer, and after a while the next. */
function churn(simulation: Simulation): void {
  const { random, scenario, aliveViewers } = simulation;
  const meanMs = 60_000 / (scenario.churnPerMinute * Math.max(1, aliveViewers.length));
  simulation.after(exponential(random, meanMs), () => {
    replaceOne(simulation);
    churn(simulation);
  });
}

/** Who leaves: newcomers rather than those who have stayed long, as heavy tails have it. */
function replaceOne(simulation: Simulation): void {
  const { random, aliveViewers: alive } = simulation;
  const patience = heavyTailed(random, 1);
  const at = Math.min(alive.length - 1, Math.floor(alive.length / (1 + patience)));
  const leaver = alive[alive.length - 1 - Math.floor(random() * (at + 1))];
  if (leaver !== undefined) simulation.vanish(leaver);
  simulation.arrive();
}

/** An attacker with the best of lines, which wants nothing but the first viewer's links. */
function besiege(simulation: Simulation): void {
  const [victim] = simulation.viewers;
  if (victim === undefined) return;
  const attacker = simulation.intrude();
  const dial = () => {
    if (!attacker.host.links.has(victim.id)) simulation.connect(attacker, victim.id, undefined);
    simulation.after(SIEGE_PAUSE_MS, dial);
  };
  dial();
}
