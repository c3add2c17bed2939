import type { Signal } from "#protocol";
import type { LinkFactory } from "../link.ts";
import { RecordedLink } from "./recorded-link.ts";

/** Two places links are made; the suite looks at both. */
export type LinkRig = {
  dialer: LinkFactory;
  answerer: LinkFactory;
  /**
   * The end whose callbacks and `bufferedBytes` reach the suite without delay; it is the one that
   * back-pressure and closing are looked at from. Default `dial`.
   */
  near?: keyof LinkPair;
};

/** How signals travel from one end to the other. */
export type Route = (deliver: (signal: Signal) => void) => (signal: Signal) => void;

export type LinkPair = { dial: RecordedLink; answer: RecordedLink };

export const straight: Route = (deliver) => deliver;

/**
 * Everything twice, and the answer only after the first candidate. Not so the offer: a dialer may
 * keep its candidates until it has been answered.
 */
export const shuffled: Route = (deliver) => {
  const held: Signal[] = [];
  let hasCandidate = false;
  const twice = (signal: Signal): void => {
    deliver(signal);
    deliver(signal);
  };
  return (signal) => {
    if (signal.type === "answer" && !hasCandidate) {
      held.push(signal);
      return;
    }
    if (signal.type === "candidate") hasCandidate = true;
    twice(signal);
    if (!hasCandidate) return;
    for (const late of held.splice(0)) twice(late);
  };
};

/** Both ends with their negotiation connected, not yet open. */
export function connectPair(rig: LinkRig, route: Route = straight): LinkPair {
  const dial = new RecordedLink(rig.dialer, "dial");
  const answer = new RecordedLink(rig.answerer, "answer");
  dial.onSignal = route((signal) => answer.link.signal(signal));
  answer.onSignal = route((signal) => dial.link.signal(signal));
  return { dial, answer };
}

export async function openPair(rig: LinkRig, route?: Route): Promise<LinkPair> {
  const pair = connectPair(rig, route);
  await Promise.all([
    pair.dial.until("open", () => pair.dial.isOpen),
    pair.answer.until("open", () => pair.answer.isOpen),
  ]);
  return pair;
}

/** The pair seen from the rig's near end. */
export function fromNear(
  { near = "dial" }: LinkRig,
  pair: LinkPair,
): {
  near: RecordedLink;
  far: RecordedLink;
} {
  return near === "dial"
    ? { near: pair.dial, far: pair.answer }
    : { near: pair.answer, far: pair.dial };
}

export async function closePair({ dial, answer }: LinkPair): Promise<void> {
  dial.link.close();
  answer.link.close();
  await Promise.all([
    dial.until("close", () => dial.closeReason !== undefined),
    answer.until("close", () => answer.closeReason !== undefined),
  ]);
}
