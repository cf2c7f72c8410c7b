import { holdForever, koffi, type NativeFunction, type NativeType, openLibrary } from "../native/index.js";
import type { LibraryFiles } from "./library-files.js";

/** An address in native memory; 0 or null is C's NULL. */
export type Pointer = bigint;
type Memory = Pointer | ArrayBufferView | null;
type Fn<A extends readonly unknown[], R> = NativeFunction<A, R>;

/** The part of TensorFlow's C interface (tensorflow/c/c_api.h) that serving takes, in the types koffi hands over. */
export interface TfApi {
  readonly version: Fn<[], string>;
  readonly newStatus: Fn<[], Pointer>;
  readonly deleteStatus: Fn<[Pointer], void>;
  readonly getCode: Fn<[Pointer], number>;
  readonly message: Fn<[Pointer], string>;
  readonly newBuffer: Fn<[], Pointer>;
  readonly deleteBuffer: Fn<[Pointer], void>;
  readonly newGraph: Fn<[], Pointer>;
  readonly deleteGraph: Fn<[Pointer], void>;
  readonly operationByName: Fn<[Pointer, string], Pointer | null>;
  readonly operationNumOutputs: Fn<[Pointer], number>;
  readonly operationOutputType: Fn<[{ oper: Pointer; index: number }], number>;
  readonly newSessionOptions: Fn<[], Pointer>;
  readonly setConfig: Fn<[Pointer, Uint8Array, number, Pointer], void>;
  readonly deleteSessionOptions: Fn<[Pointer], void>;
  /** (options, runOptions, folder, tags, tag count, graph, meta graph buffer, status) */
  readonly loadSession: Fn<
    [Pointer, null, string, readonly string[], number, Pointer, Pointer, Pointer],
    Pointer | null
  >;
  readonly closeSession: Fn<[Pointer, Pointer], void>;
  readonly deleteSession: Fn<[Pointer, Pointer], void>;
  /** (session, runOptions, inputs, values, n, outputs, values, n, targets, n, metadata, status); see `endpoints.ts` */
  readonly sessionRun: Fn<
    [Pointer, null, Memory, Memory, number, Memory, Memory, number, Memory, number, null, Pointer],
    void
  >;
  readonly allocateTensor: Fn<[number, BigInt64Array, number, number], Pointer | null>;
  readonly deleteTensor: Fn<[Pointer], void>;
  readonly tensorMaybeMove: Fn<[Pointer], Pointer | null>;
  readonly tensorType: Fn<[Pointer], number>;
  readonly numDims: Fn<[Pointer], number>;
  readonly dim: Fn<[Pointer, number], number>;
  readonly tensorByteSize: Fn<[Pointer], number>;
  readonly tensorData: Fn<[Pointer], Pointer | null>;
  readonly stringInit: Fn<[Pointer], void>;
  readonly stringCopy: Fn<[Pointer, Uint8Array, number], void>;
  readonly stringData: Fn<[Pointer], Pointer | null>;
  readonly stringSize: Fn<[Pointer], number>;
  readonly stringDealloc: Fn<[Pointer], void>;
}

/** @throws Error with the dynamic linker's text, or naming the function that the library lacks */
export async function loadApi({ path, framework }: LibraryFiles): Promise<TfApi> {
  // Read once, when the library starts; 2 leaves errors and fatal ones.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  if (framework) await openLibrary(framework, { lazy: true });
  const library = await openLibrary(path, { lazy: true });
  const fn = <A extends readonly unknown[], R>(name: string, result: NativeType, args: readonly NativeType[]) =>
    library.func<A, R>(name, result, args);
  const [p, i, n] = ["void *", "int", "size_t"] as const;
  const output = holdForever(koffi.struct({ oper: p, index: i }));
  return {
    version: fn("TF_Version", "str", []),
    newStatus: fn("TF_NewStatus", p, []),
    deleteStatus: fn("TF_DeleteStatus", "void", [p]),
    getCode: fn("TF_GetCode", i, [p]),
    message: fn("TF_Message", "str", [p]),
    newBuffer: fn("TF_NewBuffer", p, []),
    deleteBuffer: fn("TF_DeleteBuffer", "void", [p]),
    newGraph: fn("TF_NewGraph", p, []),
    deleteGraph: fn("TF_DeleteGraph", "void", [p]),
    operationByName: fn("TF_GraphOperationByName", p, [p, "str"]),
    operationNumOutputs: fn("TF_OperationNumOutputs", i, [p]),
    operationOutputType: fn("TF_OperationOutputType", i, [output]),
    newSessionOptions: fn("TF_NewSessionOptions", p, []),
    setConfig: fn("TF_SetConfig", "void", [p, p, n, p]),
    deleteSessionOptions: fn("TF_DeleteSessionOptions", "void", [p]),
    loadSession: fn("TF_LoadSessionFromSavedModel", p, [p, p, "str", "const char **", i, p, p, p]),
    closeSession: fn("TF_CloseSession", "void", [p, p]),
    deleteSession: fn("TF_DeleteSession", "void", [p, p]),
    sessionRun: fn("TF_SessionRun", "void", [p, p, p, p, i, p, p, i, p, i, p, p]),
    allocateTensor: fn("TF_AllocateTensor", p, [i, p, i, n]),
    deleteTensor: fn("TF_DeleteTensor", "void", [p]),
    tensorMaybeMove: fn("TF_TensorMaybeMove", p, [p]),
    tensorType: fn("TF_TensorType", i, [p]),
    numDims: fn("TF_NumDims", i, [p]),
    dim: fn("TF_Dim", "int64_t", [p, i]),
    tensorByteSize: fn("TF_TensorByteSize", n, [p]),
    tensorData: fn("TF_TensorData", p, [p]),
    stringInit: fn("TF_StringInit", "void", [p]),
    stringCopy: fn("TF_StringCopy", "void", [p, p, n]),
    stringData: fn("TF_StringGetDataPointer", p, [p]),
    stringSize: fn("TF_StringGetSize", n, [p]),
    stringDealloc: fn("TF_StringDealloc", "void", [p]),
  };
}
