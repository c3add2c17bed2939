import { compare } from "./compare.mjs";

for (const result of compare({ peers: 50, seconds: 30, seed: 1 })) {
  const { scheduler, continuityMean, delayMsP50, delayMsP95, sourceCopies } = result;
  const percent = (100 * continuityMean).toFixed(2);
  const copies = sourceCopies.toFixed(2);
  console.log(
    `${scheduler}: continuity ${percent} %, delay p50 ${delayMsP50} ms, p95 ${delayMsP95} ms, ${copies} source copies`,
  );
}
