import { create, createRegistry } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { invalidArgument, type Plugin, unimplemented } from "../../core/index.js";
import { PlatformConfigMapSchema } from "../../protos/gen/tensorflow_serving/config/platform_config_pb.js";
import { SavedModelBundleSourceAdapterConfigSchema } from "../../protos/gen/tensorflow_serving/servables/tensorflow/saved_model_bundle_source_adapter_pb.js";
import {
  type SessionBundleConfig,
  SessionBundleConfigSchema,
} from "../../protos/gen/tensorflow_serving/servables/tensorflow/session_bundle_config_pb.js";
import { platformFor } from "../../protos/model-config.js";
import { platformsOf } from "./check-platforms.js";
import type { ModelSettings } from "./model-settings.js";
import { sessionWithoutEffect, settingsOfSession } from "./session-settings.js";
import { readTextFile } from "./text-file.js";

export type Platforms = {
  /** The platforms that models may have, and what holds for each; flags hold for one of which nothing is said. */
  readonly settings: ReadonlyMap<string, ModelSettings | undefined>;
  /** Fields that are set although they have no effect here. */
  readonly withoutEffect: readonly string[];
};

const adapter = SavedModelBundleSourceAdapterConfigSchema;
const registry = createRegistry(adapter);

/**
 * A text PlatformConfigMap. Of platforms other than `tensorflow` only the name may be there.
 * @throws ServingError for a mistake in the file, and for what this server cannot do
 */
export async function readPlatforms(
  file: string,
  plugins: readonly Plugin[],
  signal?: AbortSignal,
): Promise<Platforms> {
  const { platformConfigs } = await readTextFile(PlatformConfigMapSchema, file, { registry, signal });
  const installed = platformsOf(plugins);
  const settings = new Map<string, ModelSettings | undefined>();
  const withoutEffect: string[] = [];
  for (const [name, { sourceAdapterConfig: config }] of Object.entries(platformConfigs)) {
    const platform = platformFor(name);
    if (!installed.has(platform)) throw invalidArgument(`${file}: no plugin brings the platform ${name}`);
    if (config && platform !== "tensorflow") {
      throw unimplemented(`${file}: ${name} takes no source_adapter_config; leave it out, or use a config of salver`);
    }
    const session = config && sessionOf(file, config);
    settings.set(platform, session && settingsOfSession(file, session));
    if (session) withoutEffect.push(...sessionWithoutEffect(session));
  }
  return { settings, withoutEffect };
}

function sessionOf(file: string, config: Any): SessionBundleConfig {
  const unpacked = anyUnpack(config, adapter);
  if (!unpacked) {
    const got = config.typeUrl || "nothing";
    throw invalidArgument(`${file}: source_adapter_config of tensorflow: expected ${adapter.typeName}, got ${got}`);
  }
  return unpacked.legacyConfig ?? create(SessionBundleConfigSchema);
}
