// Stands in for peer-host.ts: reports for every peer it is asked to start. One named "bad" cannot be
// started; at one named "fatal" the process ends.
const names = [];

process.once("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
process.on("message", ({ name, args }) => {
  if (name === "fatal") {
    process.stderr.write("no more room\n");
    process.exit(3);
  }
  if (name === "bad") say({ name, problem: `no such port: ${args[0]}` });
  else names.push(name);
});
process.stdout.write('this line is no report\n{}\n{"name":"nobody"}\n');
setInterval(() => {
  for (const name of names) {
    say({
      name,
      bytes: { fromPeers: 300, fromSeeder: 100, fromOrigin: 0, uploaded: 50 },
      neighbors: 3,
      chunks: { delivered: 9, missed: 0 },
      latencyMs: 400,
    });
  }
}, 50);

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
