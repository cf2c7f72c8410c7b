import { type ConfigPath, type Host, messageOf, type Problem } from "../../../core/index.js";
import type { HttpOptions } from "./options.js";
import { type House, readAuthorities, readHeaders, readKeys } from "./secrets.js";

/** `signature.keys[0]`: where in the file that is, the problem's own option tells. */
const named = (option: ConfigPath) =>
  option.map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`)).join("");

/** What the options name must be there before anything starts; whether the server is, only looking tells. */
export async function checkHttp(options: HttpOptions, { baseDir }: Host): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const house: House = { baseDir, place: named };
  const check = async (option: string, read: (options: HttpOptions, house: House) => Promise<unknown>) => {
    await read(options, house).catch((error: unknown) => problems.push({ option, message: messageOf(error) }));
  };
  await check(options.token === undefined ? "headers" : "token", readHeaders);
  await check("signature", readKeys);
  await check("ca", readAuthorities);
  return problems;
}
