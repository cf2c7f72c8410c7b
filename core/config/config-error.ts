export type ConfigPath = readonly (string | number)[];

/** One thing wrong with a config. `atKey`: the key itself is at fault rather than its value. */
export type ConfigProblem = { readonly path: ConfigPath; readonly message: string; readonly atKey?: boolean };

export type Position = { readonly line: number; readonly column: number };

/** Finds a path in the file, where the format has positions; `index` is the problem's place in its list. */
export type Locate = (path: ConfigPath, atKey?: boolean, index?: number) => Position | undefined;

const brand = Symbol.for("salver.ConfigError");

/** Everything that is wrong with a config, one line a problem: `file:line:col path: message`. */
export class ConfigError extends Error {
  readonly [brand] = true;
  override readonly name = "ConfigError";

  constructor(
    readonly problems: readonly ConfigProblem[],
    file: string,
    locate: Locate = () => undefined,
  ) {
    super(problems.map((problem, i) => format(problem, file, locate, i)).join("\n"));
  }
}

export function isConfigError(error: unknown): error is ConfigError {
  return typeof error === "object" && error !== null && brand in error;
}

function format({ path, message, atKey }: ConfigProblem, file: string, locate: Locate, index: number): string {
  return `${formatPlace(path, file, locate(path, atKey, index))}: ${message}`;
}

/** `salver.config.yaml:3:5 models.mnist` */
export function formatPlace(path: ConfigPath, file: string, position: Position | undefined): string {
  const where = position ? `${file}:${position.line}:${position.column}` : file;
  return path.length === 0 ? where : `${where} ${formatPath(path)}`;
}

/** `models.mnist.versions[0]` */
export function formatPath(path: ConfigPath): string {
  return path.map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`)).join("");
}
