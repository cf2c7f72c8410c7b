import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { rootCertificates } from "node:tls";
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { isPrivateAddress } from "./private-address.js";

/** Finds addresses by a name, as `dns.lookup` does when it is asked for all. */
export type Lookup = (
  hostname: string,
  options: { readonly all: true; readonly family?: number | "IPv4" | "IPv6" | undefined },
  answer: (error: NodeJS.ErrnoException | null, addresses: readonly { address: string; family: number }[]) => void,
) => void;

export type AgentRules = {
  /** `undefined`: as the environment says. */
  readonly proxy?: string | false | undefined;
  /** PEM text. */
  readonly ca: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly lookup?: Lookup | undefined;
};

/** A connection that was not made, for its address. */
export const isRefusedAddress = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException | undefined)?.code === refusedCode;

const refusedCode = "ERR_PRIVATE_ADDRESS";
const refused = (host: string, address: string) =>
  Object.assign(
    new Error(
      `${host} has the address ${address}, which is loopback, link-local or private: set allowPrivate if it is meant`,
    ),
    { code: refusedCode },
  );

/** Looks at each address at the very time that it is connected to: a name may have another one a moment later. */
function publicOnly(lookup: Lookup): LookupFunction {
  return (hostname, { all, family }, answer) => {
    lookup(hostname, { all: true, family }, (error, addresses) => {
      const wrong = addresses?.find(({ address }) => isPrivateAddress(address));
      const [first] = addresses ?? [];
      if (error || !first) answer(error ?? new Error(`${hostname} has no address`), "", 0);
      else if (wrong) answer(refused(hostname, wrong.address), "", 0);
      else if (all) answer(null, [...addresses]);
      else answer(null, first.address, first.family);
    });
  };
}

function publicConnector(options: buildConnector.BuildOptions, lookup: Lookup): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: publicOnly(lookup) } as buildConnector.BuildOptions);
  return (target, callback) => {
    // An address is not looked up.
    if (isIP(target.hostname) > 0 && isPrivateAddress(target.hostname))
      callback(refused(target.hostname, target.hostname), null);
    else connect(target, callback);
  };
}

/** `guarded` connects to public addresses only. What goes through a proxy is resolved there, and checked by nobody here. */
export function createAgents({ proxy, ca, timeout, lookup = systemLookup as Lookup }: AgentRules) {
  const tls = { timeout, ...(ca !== undefined && { ca: [...rootCertificates, ca] }) };
  const agent = (connect: Agent.Options["connect"]): Dispatcher => {
    // Who reads an answer sees to its pace.
    const options = { connect, headersTimeout: timeout, bodyTimeout: 0, connections: 16 };
    if (proxy === false) return new Agent(options);
    const through = proxy === undefined ? {} : { httpProxy: proxy, httpsProxy: proxy };
    return new EnvHttpProxyAgent({ ...options, ...through, requestTls: tls, proxyTls: tls, proxyTunnel: false });
  };
  const open = agent(tls);
  const guarded = agent(publicConnector(tls, lookup));
  return { open, guarded, close: async () => void (await Promise.all([open.destroy(), guarded.destroy()])) };
}

export type Agents = ReturnType<typeof createAgents>;
