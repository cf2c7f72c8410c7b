import type { Lease } from "../frontend.js";
import type { LoggedRequest } from "../request-log.js";

/** A lease that hands on each request it has answered. `add` must not throw. */
export function loggedLease(lease: Lease, samplingRate: number, add: (request: LoggedRequest) => void): Lease {
  const { model, version } = lease;
  const answered = () => ({ model, version, timestamp: Date.now(), samplingRate });
  return {
    model,
    version,
    signatures: lease.signatures,
    runSession: (run) => lease.runSession(run),
    [Symbol.dispose]: () => lease[Symbol.dispose](),
    predict: async (signature, inputs, options) => {
      const outputs = await lease.predict(signature, inputs, options);
      add({ ...answered(), kind: "predict", signature, inputs, outputFilter: options.outputs ?? [], outputs });
      return outputs;
    },
    classify: async (signature, examples, options) => {
      const classes = await lease.classify(signature, examples, options);
      add({ ...answered(), kind: "classify", signature, examples, classes });
      return classes;
    },
    regress: async (signature, examples, options) => {
      const values = await lease.regress(signature, examples, options);
      add({ ...answered(), kind: "regress", signature, examples, values });
      return values;
    },
    multiInference: async (tasks, examples, options) => {
      const results = await lease.multiInference(tasks, examples, options);
      add({ ...answered(), kind: "multiInference", tasks, examples, results });
      return results;
    },
  };
}
