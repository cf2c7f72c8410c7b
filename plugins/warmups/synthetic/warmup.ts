import { stat } from "node:fs/promises";
import { type Host, messageOf, type Tensors, type Warmup } from "../../../core/index.js";
import { warmupFile } from "../../../protos/serving/warmup-file.js";
import { madeUpInputs } from "./inputs.js";
import type { SyntheticOptions } from "./options.js";

export function syntheticWarmup(host: Host, options: SyntheticOptions): Warmup {
  return {
    run: async (target, version, signal) => {
      if (options.when === "no-file" && (await exists(warmupFile(version.path)))) return;
      for (const [name, signature] of Object.entries(target.signatures)) {
        for (const batch of options.batchSizes) {
          const ask = async (inputs: Tensors) => {
            for (let i = 0; i < options.iterations; i++) await target.predict(name, inputs, { signal });
          };
          try {
            await ask(madeUpInputs(signature, batch, options)).catch((refusal: unknown) => {
              signal.throwIfAborted();
              if (!signature.example) throw refusal;
              return ask(signature.example);
            });
          } catch (error) {
            signal.throwIfAborted();
            // Refusing what nobody would ask is no fault of the model's.
            host.log.warn(
              { version: String(version.version), signature: name, batch },
              `no warm-up with made-up inputs: ${messageOf(error)}`,
            );
          }
        }
      }
    },
  };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
