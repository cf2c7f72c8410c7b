import type { Config } from "../../core/index.js";
import { platformFor } from "../../protos/model-config.js";
import { checkPlatforms } from "./check-platforms.js";
import { type FlagFiles, noFiles } from "./flag-files.js";
import type { GivenFlags } from "./flags.js";
import { type ModelSettings, settingsOfFlags } from "./model-settings.js";

type Models = Config["models"];
type Model = Models[string];
type Options = Readonly<Record<string, unknown>>;
type Component = { readonly type: string } & Options;

/**
 * Puts what flags and their files say of models into each, also into models that come with a later reload. What a
 * platform config says of a platform stands for the flags.
 * @throws ServingError for a model of a platform that the platform config leaves out
 */
export function completeModels(models: Models, flags: GivenFlags, files: FlagFiles = noFiles): Models {
  const { platforms, batching } = files;
  if (platforms) checkPlatforms(models, new Set(platforms.settings.keys()));
  const ofFlags = settingsOfFlags(flags, batching);
  const folder = folderOptions(flags);
  return Object.fromEntries(
    Object.entries(models).map(([name, model]) => {
      // One that is wholly in the config calls others, of which the flags speak.
      if (model.path === undefined && model.source === undefined) return [name, model];
      const type = normal(model.servable)?.type;
      const settings = type === undefined ? undefined : platforms?.settings.get(platformFor(type));
      return [name, completeModel(model, folder, settings ?? ofFlags)];
    }),
  );
}

function completeModel({ path, source, servable, ...rest }: Model, folder: Options, settings: ModelSettings): Model {
  const { warmup, batching, savedmodel } = settings;
  const from = path === undefined ? normal(source) : { type: "filesystem", path };
  const as = normal(servable);
  return {
    ...rest,
    ...(warmup !== undefined && { warmup }),
    ...(batching !== undefined && { batching }),
    ...(from && { source: from.type === "filesystem" ? { ...from, ...folder } : from }),
    ...(as && { servable: as.type === "savedmodel" ? merged(as, savedmodel) : as }),
  };
}

const normal = (component: Model["source"]): Component | undefined =>
  typeof component === "string" ? { type: component } : (component as Component | undefined);

function folderOptions({ file_system_poll_wait_seconds: seconds }: GivenFlags): Options {
  // Given by a flag, a folder is waited for as TensorFlow Serving waits.
  return seconds === undefined ? {} : { poll: `${Math.max(0, seconds)}s`, wait: true };
}

/** Options inside an option are merged too. */
function merged(component: Component, options: Options): Component {
  const patches = Object.entries(options).map(([key, value]) => [
    key,
    isOptions(value) ? { ...(component[key] as Options | undefined), ...value } : value,
  ]);
  return { ...component, ...Object.fromEntries(patches) };
}

const isOptions = (value: unknown): value is Options =>
  typeof value === "object" && value !== null && !Array.isArray(value);
