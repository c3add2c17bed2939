// Stands in for `livemesh peer --json` where a real one cannot be made to fail: the first argument
// says how it does.
const [behaviour] = process.argv.slice(2);

const report = (gaps) => ({
  bytes: { fromPeers: 300, fromSeeder: 100, fromOrigin: 0, uploaded: 50 },
  neighbors: 3,
  chunks: { delivered: 9, missed: gaps },
  latencyMs: 400,
});

process.once("disconnect", () => process.exit(0));
process.on("SIGTERM", () => {
  if (behaviour !== "deaf") process.exit(behaviour === "disordered" ? 1 : 0);
});
if (behaviour === "dying") {
  process.stderr.write(`${JSON.stringify({ level: 50, msg: "no more room" })}\n`);
  process.exit(3);
}
process.stdout.write("this line is no report\n{}\n");
setInterval(
  () => process.stdout.write(`${JSON.stringify(report(behaviour === "gaps" ? 2 : 0))}\n`),
  100,
);
