/**
 * Page script: a firewall between this browser and the seeder's UDP port, off until
 * `cutSeeder()` is called in the page. Then open links to the port break, and new ones never open.
 */
export function seederFirewall(udpPort: number): string {
  return `(${install.toString()})(${udpPort})`;
}

function install(udpPort: number): void {
  const links = new Set<RTCPeerConnection>();
  const toSeeder = new WeakSet<RTCPeerConnection>();
  let isCut = false;
  const candidateToSeeder = new RegExp(`candidate:\\S+ \\d+ udp \\d+ \\S+ ${udpPort} typ`, "i");

  const look = (link: RTCPeerConnection, text: string | undefined) => {
    links.add(link);
    if (text === undefined || !candidateToSeeder.test(text)) return;
    toSeeder.add(link);
    if (isCut) link.close();
  };
  const { addIceCandidate, setRemoteDescription } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addIceCandidate = function (
    this: RTCPeerConnection,
    ...args: unknown[]
  ) {
    look(this, (args[0] as RTCIceCandidateInit | undefined)?.candidate ?? undefined);
    return addIceCandidate.apply(this, args as Parameters<typeof addIceCandidate>);
  } as typeof addIceCandidate;
  RTCPeerConnection.prototype.setRemoteDescription = function (
    this: RTCPeerConnection,
    ...args: unknown[]
  ) {
    look(this, (args[0] as RTCSessionDescriptionInit | undefined)?.sdp);
    return setRemoteDescription.apply(this, args as Parameters<typeof setRemoteDescription>);
  } as typeof setRemoteDescription;

  Object.assign(globalThis, {
    /** @returns How many open links it broke. */
    cutSeeder(): number {
      isCut = true;
      const broken = [...links].filter(
        (link) => toSeeder.has(link) && link.connectionState === "connected",
      );
      for (const link of broken) link.close();
      return broken.length;
    },
  });
}
