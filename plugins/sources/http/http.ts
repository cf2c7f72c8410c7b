import { remoteSource } from "../../../artifacts/remote-source.js";
import type { Host, Source } from "../../../core/index.js";
import { createAgents, type Lookup } from "./agents.js";
import { createClient } from "./client.js";
import { links } from "./links.js";
import type { HttpOptions } from "./options.js";
import { httpPlace } from "./place.js";
import { readAuthorities, readHeaders, readKeys } from "./secrets.js";

/** @param lookup how names become addresses; the system's way when absent */
export async function httpSource(host: Host, options: HttpOptions, lookup?: Lookup): Promise<Source> {
  const agents = createAgents({ ...options, ca: await readAuthorities(options, host), lookup });
  const rules = links(options);
  const client = createClient(agents, rules, options, host.clock, () => readHeaders(options, host));
  const place = httpPlace(options, client, rules, () => readKeys(options, host), host.clock);
  const source = remoteSource(host, place, options);
  return {
    watch: source.watch,
    [Symbol.asyncDispose]: async () => {
      await source[Symbol.asyncDispose]();
      await client.close();
    },
  };
}
