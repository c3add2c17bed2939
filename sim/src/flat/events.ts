/**
 * What an event of the {@link TimingWheel} is. Messages between peers carry the receiver's link slot
 * in `a`, the sender in `b` and what it is about in `c`; timers carry the peer in `a`.
 */
export const KIND = {
  push: 0,
  answer: 1,
  subscribe: 2,
  accept: 3,
  refuse: 4,
  unsubscribe: 5,
  request: 6,
  deny: 7,
  cancel: 8,
  close: 9,
  dialed: 10,
  dialFailed: 11,
  introduced: 12,
  joined: 13,
  fetched: 14,
  drainTimer: 15,
  roundTimer: 16,
  newsTimer: 17,
  parentsTimer: 18,
  repairTimer: 19,
  overlayTimer: 20,
  world: 21,
} as const;

const PLACE_BITS = 26;

/** Kind and the peer or slot it concerns, as one integer. */
export function packed(kind: number, place: number): number {
  return (kind << PLACE_BITS) | place;
}

export function kindOf(word: number): number {
  return word >>> PLACE_BITS;
}

export function placeOf(word: number): number {
  return word & ((1 << PLACE_BITS) - 1);
}
