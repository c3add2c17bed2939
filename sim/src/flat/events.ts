/**
 * What an event of the `TimingWheel` is. Messages between peers carry the receiver's link slot with
 * their kind, the sender second and what it is about third; timers carry the peer with their kind.
 */
export const KIND = {
  push: 0,
  answer: 1,
  pushThrough: 2,
  answerThrough: 3,
  subscribe: 4,
  accept: 5,
  refuse: 6,
  unsubscribe: 7,
  request: 8,
  deny: 9,
  cancel: 10,
  close: 11,
  lastMessage: 11,
  drainTimer: 12,
  repairTimer: 13,
  parentsTimer: 14,
  roundTimer: 15,
  newsTimer: 16,
  overlayTimer: 17,
  dialed: 18,
  dialFailed: 19,
  introduced: 20,
  joined: 21,
  fetched: 22,
  forgotten: 23,
  publish: 24,
  arrive: 25,
  incident: 26,
  churn: 27,
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
