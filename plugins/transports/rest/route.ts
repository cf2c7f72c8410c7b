import { invalidArgument, type ModelSpec } from "../../../core/index.js";

export type Route = {
  readonly action: "status" | "metadata" | "batches" | "predict" | "classify" | "regress";
  readonly spec: ModelSpec;
};

// TensorFlow Serving matches the whole request target, a query string included, so that one makes a request malformed.
const INFERENCE = /^\/v1\/models\/([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?:(classify|regress|predict)$/i;
const MODEL = /^\/v1\/models(?:\/([^/:]+))?(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?:\/(metadata|batches))?$/i;
const VERBS: Readonly<Record<string, Route["action"]>> = {
  predict: "predict",
  classify: "classify",
  regress: "regress",
};
const PARTS: Readonly<Record<string, Route["action"]>> = { metadata: "metadata", batches: "batches" };
const MAX_INT64 = 2n ** 63n - 1n;

function specOf(name: string, version: string | undefined, label: string | undefined): ModelSpec {
  if (version !== undefined && BigInt(version) > MAX_INT64) {
    throw invalidArgument(`Failed to convert version: ${version} to numeric.`);
  }
  return {
    name: decodeURIComponent(name),
    ...(version !== undefined && { version: BigInt(version) }),
    ...(label !== undefined && { label: decodeURIComponent(label) }),
  };
}

/**
 * What a request under `/v1/` asks for.
 * @throws INVALID_ARGUMENT in the words of TensorFlow Serving when it fits nothing
 */
export function parseRoute(method: string, target: string): Route {
  const malformed = () => invalidArgument(`Malformed request: ${method} ${target}`);
  try {
    if (method === "POST") {
      const [, name, version, label, verb = ""] = INFERENCE.exec(target) ?? [];
      // Only the fixed parts before the verb may be written in capitals.
      const action = VERBS[verb];
      if (name !== undefined && action !== undefined) return { action, spec: specOf(name, version, label) };
    } else if (method === "GET") {
      const [matched, name, version, label, part] = MODEL.exec(target) ?? [];
      if (matched !== undefined && name === undefined) throw invalidArgument("Missing model name in request.");
      if (name !== undefined) {
        return { action: PARTS[part?.toLowerCase() ?? ""] ?? "status", spec: specOf(name, version, label) };
      }
    }
  } catch (error) {
    if (error instanceof URIError) throw malformed();
    throw error;
  }
  throw malformed();
}

/** What is asked for all day is few; beyond it somebody makes names up. */
const REMEMBERED = 1024;

/** `parseRoute` that remembers. */
export function createRoutes(): typeof parseRoute {
  const known = { GET: new Map<string, Route>(), POST: new Map<string, Route>() };
  return (method, target) => {
    const targets = method === "GET" || method === "POST" ? known[method] : undefined;
    const found = targets?.get(target);
    if (found !== undefined) return found;
    const route = parseRoute(method, target);
    if (targets !== undefined) {
      if (targets.size === REMEMBERED) targets.clear();
      targets.set(target, route);
    }
    return route;
  };
}
