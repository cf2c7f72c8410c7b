import { failedPrecondition, type Logger, messageOf } from "../../../core/index.js";
import type { Provider } from "./options.js";

/** An execution provider that this machine or this build of the library does not have. */
export class ProviderUnavailable extends Error {
  override readonly name = "ProviderUnavailable";
}

const remedies: Readonly<Record<Provider, string>> = {
  cpu: "cpu is built in",
  cuda:
    "cuda needs an NVIDIA GPU with its driver, CUDA, cuDNN, and libonnxruntime_providers_cuda beside libonnxruntime: " +
    "reinstall onnxruntime-node with ONNXRUNTIME_NODE_INSTALL=cuda12",
  webgpu: "webgpu needs a GPU with a Vulkan, Metal or Direct3D 12 driver",
};

/**
 * Opens a session on the first provider of `order` that can be had. On a provider other than cpu any failure counts as
 * "cannot be had", because a device may refuse as late as when the session is made; but a failure that is the model's own
 * comes again on cpu, and is the one reported.
 * @throws FAILED_PRECONDITION when none can be had, with what to install; else what the last provider tried threw
 */
export async function firstProvider<T>(
  order: readonly Provider[],
  log: Logger,
  open: (provider: Provider) => Promise<T>,
): Promise<T> {
  const failures: { readonly provider: Provider; readonly error: unknown }[] = [];
  for (const provider of order) {
    try {
      return await open(provider);
    } catch (error) {
      if (provider === "cpu") throw error;
      failures.push({ provider, error });
      log.warn({ provider, reason: messageOf(error) }, `execution provider ${provider} cannot be had`);
    }
  }
  const own = failures.find(({ error }) => !(error instanceof ProviderUnavailable));
  if (own) throw own.error;
  const list = failures.map(({ provider, error }) => `${messageOf(error)}; ${remedies[provider]}`).join(". ");
  throw failedPrecondition(
    `none of the execution providers ${order.join(", ")} can be had: ${list}. Add cpu to run anyway.`,
  );
}
