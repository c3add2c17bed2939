import { FileOutput } from "./file-output.ts";
import { NoneOutput } from "./none-output.ts";
import { OutputRegistry } from "./output-registry.ts";
import { PipeOutput } from "./pipe-output.ts";
import { TCP_FORM, TcpOutput } from "./tcp-output.ts";
import { UDP_FORM, UdpOutput } from "./udp-output.ts";

/** What `--output` may name, in the order of the help. */
export const outputs = new OutputRegistry([
  {
    scheme: "-",
    form: "-",
    summary: "MPEG-TS on standard output",
    create: () => new PipeOutput(),
  },
  {
    scheme: "file",
    form: "file:NAME.mp4",
    summary: "a recording, in MP4 or, with .ts, MPEG-TS",
    create: (name) => new FileOutput(name),
  },
  {
    scheme: "udp",
    form: UDP_FORM,
    summary: "MPEG-TS in datagrams, to a host or a multicast group",
    create: (name, options) => new UdpOutput(name, options),
  },
  {
    scheme: "tcp",
    form: TCP_FORM,
    summary: "MPEG-TS to a listening host, again and again when it goes away",
    create: (name) => new TcpOutput(name),
  },
  {
    scheme: "none",
    form: "none",
    summary: "nothing: the peer only helps the swarm; the default",
    create: () => new NoneOutput(),
  },
]);
