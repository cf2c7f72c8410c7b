import { type Host, messageOf, type Problem } from "../../../core/index.js";
import type { HttpOptions } from "./options.js";
import { readAuthorities, readHeaders, readKeys } from "./secrets.js";

/** What the options name must be there before anything starts; whether the server is, only looking tells. */
export async function checkHttp(options: HttpOptions, host: Host): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const check = async (option: string, read: (options: HttpOptions, host: Host) => Promise<unknown>) => {
    await read(options, host).catch((error: unknown) => problems.push({ option, message: messageOf(error) }));
  };
  await check(options.token === undefined ? "headers" : "token", readHeaders);
  await check("signature", readKeys);
  await check("ca", readAuthorities);
  return problems;
}
