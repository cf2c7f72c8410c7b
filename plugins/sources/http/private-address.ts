import { BlockList, isIP, isIPv6 } from "node:net";

/** Addresses that are no public host's (IANA's special-purpose registries): this machine, its network, nobody, many. */
const blocks = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  blocks.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 127],
  ["100::", 64],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const)
  blocks.addSubnet(net, bits, "ipv6");

const range = (net: string, bits: number) => {
  const list = new BlockList();
  list.addSubnet(net, bits, "ipv6");
  return list;
};

/** IPv6 addresses with an IPv4 one inside, from this byte on: mapped, translated (RFC 6052, 8215), 6to4 (RFC 3056). */
const embedded: readonly (readonly [within: BlockList, at: number])[] = [
  [range("::ffff:0:0", 96), 12],
  [range("::", 96), 12],
  [range("64:ff9b::", 96), 12],
  [range("64:ff9b:1::", 48), 12],
  [range("2002::", 16), 2],
];

/** The 16 bytes of an IPv6 address. */
function bytesOf(address: string): readonly number[] {
  const { hostname } = new URL(`http://[${address}]`);
  const [head = "", tail = ""] = hostname.slice(1, -1).split("::");
  const words = (text: string) => (text === "" ? [] : text.split(":").map((word) => Number.parseInt(word, 16)));
  const [first, last] = [words(head), words(tail)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return [...first, ...zeros, ...last].flatMap((word) => [word >> 8, word & 0xff]);
}

/** Whether an IP address is of this machine, of a network of its own, or of nobody in particular. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, "");
  if (!isIPv6(bare)) return isIP(bare) === 0 || blocks.check(bare, "ipv4");
  if (blocks.check(bare, "ipv6")) return true;
  const inner = embedded.find(([within]) => within.check(bare, "ipv6"));
  return (
    inner !== undefined &&
    blocks.check(
      bytesOf(bare)
        .slice(inner[1], inner[1] + 4)
        .join("."),
      "ipv4",
    )
  );
}

/** Whether a URL's host says by itself that it is such a place; most names say nothing. */
export function isPrivateHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return isIP(bare) === 0 ? /(^|\.)localhost$/i.test(bare) : isPrivateAddress(bare);
}
