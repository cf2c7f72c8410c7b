import { type LoadedVersion, type Logger, type Server, ServingError } from "../../core/index.js";

/**
 * Waits, without limit, until each model has a version and every version has been loaded or has failed for good.
 * @throws ServingError UNKNOWN with TensorFlow Serving's text when one has failed
 */
export async function firstLoads({ events, frontend, settled, versions }: Server, log: Logger): Promise<void> {
  const withoutVersion = () => {
    const known = new Set(versions().map(({ model }) => model));
    return frontend.models().filter((model) => !known.has(model));
  };
  const finished = () => withoutVersion().length === 0 && versions().every(isFinal);
  log.info({}, "no port opens before each model has a version that is loaded");
  // Of a folder that cannot be looked into its source says so.
  void settled.then(() => {
    for (const model of withoutVersion()) {
      log.warn({ model }, `${model} has none of the versions it is to serve yet: the server waits for one`);
    }
  });
  await new Promise<void>((resolve) => {
    const look = () => {
      if (!finished()) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = events.subscribe(look);
    look();
  });
  const failed = versions().filter(({ code }) => code !== "OK");
  if (failed.length === 0) return;
  const items = failed.map(
    ({ model, version, code, message }) => `{{name: ${model} version: ${version}} due to error: ${code}: ${message}}, `,
  );
  throw new ServingError("UNKNOWN", `${failed.length} servable(s) did not become available: {${items.join("")}}`);
}

const isFinal = ({ state, code }: LoadedVersion): boolean => state === "AVAILABLE" || code !== "OK";
