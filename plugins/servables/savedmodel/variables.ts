import { join } from "node:path";
import { type DType, failedPrecondition, notFound } from "../../../core/index.js";
import { type Bundle, openBundle } from "../../../formats/tensor-bundle/bundle.js";
import type { MetaGraphDef } from "../../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import type { Graph } from "./graph/graph.js";
import { type Node, type Output, placeOf } from "./graph/node.js";
import { resourceId, sourceOf, type VariableSource, variableSources } from "./graph/variables.js";
import { type Constant, constantOf, storedConstant } from "./lowering/constant.js";
import { Refusal } from "./lowering/refusal.js";
import { keysByName } from "./reader/object-graph.js";
import { restoredSlice } from "./reader/restored-slice.js";
import { INIT_OP } from "./reader/signatures.js";

export type Variables = {
  /**
   * The value of a variable, as a constant whose elements are read when they are needed.
   * @throws NOT_FOUND, DATA_LOSS; Refusal when the value only comes about as the model runs
   */
  valueOf(node: Node): Constant;
  /** What the checkpoint has for a tensor that the model restores. @throws like `valueOf` */
  restored(graph: Graph, output: Output): Constant;
  close(): void;
};

/** The operators that TensorFlow runs once after restoring. */
export function initializers({ signatureDef, collectionDef }: MetaGraphDef): string[] {
  const names = Object.values(signatureDef[INIT_OP]?.outputs ?? {}).map(({ encoding }) =>
    encoding.case === "name" ? encoding.value.split(":")[0]! : "",
  );
  for (const key of ["saved_model_main_op", "legacy_init_op"]) {
    const kind = collectionDef[key]?.kind;
    if (kind?.case === "nodeList") names.push(...kind.value.value);
  }
  return names.filter((name) => name !== "");
}

export function openVariables(dir: string, meta: MetaGraphDef, openGraph: () => Graph): Variables {
  let bundle: Bundle | undefined;
  let sources: ReadonlyMap<string, VariableSource> | undefined;
  let names: ReadonlyMap<string, string> | undefined;
  const constants = new Map<string, Constant>();

  function opening(): Bundle {
    bundle ??= openBundle(join(dir, "variables", "variables"));
    return bundle;
  }

  /** What the restore leaves out is known by its name. */
  function named(id: string): VariableSource | undefined {
    names ??= keysByName(opening());
    const key = names.get(id);
    return key === undefined ? undefined : { key };
  }

  function read({ key, slice }: { readonly key: string; readonly slice?: string }): Constant {
    const opened = opening();
    const { dtype, shape } = opened.describe(key);
    if (dtype === "string") {
      if (slice) throw failedPrecondition(`the variable ${JSON.stringify(key)} is a part of a string tensor`);
      return constantOf({ dtype, shape, data: opened.strings(key) });
    }
    const whole = storedConstant(`variable ${key}`, dtype as Exclude<DType, "string">, shape, (target) =>
      opened.fill(key, target),
    );
    return slice ? restoredSlice(whole, slice) : whole;
  }

  return {
    valueOf: (node) => {
      sources ??= variableSources(openGraph, meta.saverDef?.restoreOpName || undefined, initializers(meta));
      const id = resourceId(node);
      const known = constants.get(id);
      if (known) return known;
      const source = sources.get(id) ?? named(id);
      if (!source) {
        throw notFound(
          `the variable ${placeOf(node)} has no value: neither the model's restore nor its checkpoint names it; a Keras 3 ` +
            "model is exported by `model.export()` or `keras.export.ExportArchive`",
        );
      }
      if ("unknown" in source) throw new Refusal(`the variable "${id}" ${source.unknown}`);
      const constant = read(source);
      constants.set(id, constant);
      return constant;
    },
    restored: (graph, output) => {
      const source = sourceOf(graph, output);
      if ("unknown" in source) throw new Refusal(`it ${source.unknown}`);
      return read(source);
    },
    close: () => bundle?.close(),
  };
}
