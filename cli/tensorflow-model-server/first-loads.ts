import { type LoadedVersion, type Server, ServingError } from "../../core/index.js";

/**
 * Waits, without limit, until each model has a version and every version has been loaded or has failed for good.
 * @throws ServingError UNKNOWN with TensorFlow Serving's text when one has failed
 */
export async function firstLoads({ events, frontend, versions }: Server): Promise<void> {
  const finished = () => {
    const known = versions();
    const models = new Set(known.map(({ model }) => model));
    return frontend.models().every((model) => models.has(model)) && known.every(isFinal);
  };
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
