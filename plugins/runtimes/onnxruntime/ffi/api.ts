import { functionAt, type NativeFunction, type Pointer } from "../../native/index.js";

/** A `OrtStatus *`: null means success, anything else must be released. */
export type Status = bigint | null;

/**
 * The version of the C interface that the table below is taken from. The table only ever grows, so a newer library hands
 * out the same one.
 */
export const API_VERSION = 24;
/** Entries of the table that are read: one more than the highest index below. */
export const API_ENTRIES = 391;

const types = { p: "void *", z: "size_t", i: "int", b: "bool", v: "void" } as const;
type Letter = keyof typeof types;

/**
 * ONNX Runtime's functions by their index in `OrtApi` (onnxruntime_c_api.h), with the letters of their parameters:
 * p pointer, z size_t, i int, b bool. Without a result type they return a Status.
 */
export function bindApi(table: BigUint64Array) {
  const at = <A extends readonly unknown[], R = Status>(index: number, parameters: string, result: Letter = "p") => {
    const address = table[index];
    if (!address) throw new Error(`onnxruntime's function table has no entry ${index}`);
    return functionAt<A, R>(
      address,
      types[result],
      [...parameters].map((letter) => types[letter as Letter]),
    );
  };
  type P = Pointer;
  return {
    getErrorCode: at<[P], number>(1, "p", "i"),
    getErrorMessage: at<[P], bigint>(2, "p"),
    createEnv: at<[number, P, P]>(3, "ipp"),
    createSession: at<[P, P, P, P]>(7, "pppp"),
    createSessionFromArray: at<[P, P, number, P, P]>(8, "ppzpp"),
    /** session, options, input names, inputs, their count, output names, their count, outputs */
    run: at<[P, P, P, P, number, P, number, P]>(9, "ppppzpzp"),
    createSessionOptions: at<[P]>(10, "p"),
    setGraphOptimizationLevel: at<[P, number]>(23, "pi"),
    setIntraOpThreads: at<[P, number]>(24, "pi"),
    setInterOpThreads: at<[P, number]>(25, "pi"),
    setExecutionMode: at<[P, number]>(13, "pi"),
    inputCount: at<[P, P]>(30, "pp"),
    outputCount: at<[P, P]>(31, "pp"),
    overridableInitializerCount: at<[P, P]>(32, "pp"),
    inputTypeInfo: at<[P, number, P]>(33, "pzp"),
    outputTypeInfo: at<[P, number, P]>(34, "pzp"),
    overridableInitializerTypeInfo: at<[P, number, P]>(35, "pzp"),
    inputName: at<[P, number, P, P]>(36, "pzpp"),
    outputName: at<[P, number, P, P]>(37, "pzpp"),
    overridableInitializerName: at<[P, number, P, P]>(38, "pzpp"),
    createRunOptions: at<[P]>(39, "p"),
    runOptionsSetTerminate: at<[P]>(46, "p"),
    /** allocator, shape, rank, element type, value */
    createTensor: at<[P, P, number, number, P]>(48, "ppzip"),
    /** memory info, data, bytes, shape, rank, element type, value */
    createTensorWithData: at<[P, P, number, P, number, number, P]>(49, "ppzpzip"),
    getTensorMutableData: at<[P, P]>(51, "pp"),
    fillStringTensor: at<[P, P, number]>(52, "ppz"),
    getStringTensorDataLength: at<[P, P]>(53, "pp"),
    /** value, bytes, their count, offsets, their count */
    getStringTensorContent: at<[P, P, number, P, number]>(54, "ppzpz"),
    castTypeInfoToTensorInfo: at<[P, P]>(55, "pp"),
    getOnnxType: at<[P, P]>(56, "pp"),
    getTensorElementType: at<[P, P]>(60, "pp"),
    getDimensionsCount: at<[P, P]>(61, "pp"),
    getDimensions: at<[P, P, number]>(62, "ppz"),
    getSymbolicDimensions: at<[P, P, number]>(63, "ppz"),
    getTensorTypeAndShape: at<[P, P]>(65, "pp"),
    createCpuMemoryInfo: at<[number, number, P]>(69, "iip"),
    allocatorFree: at<[P, P]>(76, "pp"),
    getDefaultAllocator: at<[P]>(78, "p"),
    releaseStatus: at<[P], void>(93, "p", "v"),
    releaseSession: at<[P], void>(95, "p", "v"),
    releaseValue: at<[P], void>(96, "p", "v"),
    releaseRunOptions: at<[P], void>(97, "p", "v"),
    releaseTypeInfo: at<[P], void>(98, "p", "v"),
    releaseTensorTypeAndShape: at<[P], void>(99, "p", "v"),
    releaseSessionOptions: at<[P], void>(100, "p", "v"),
    getAvailableProviders: at<[P, P]>(125, "pp"),
    releaseAvailableProviders: at<[P, number]>(126, "pi"),
    addSessionConfigEntry: at<[P, P, P]>(130, "ppp"),
    /** options, name, value */
    addInitializer: at<[P, P, P]>(150, "ppp"),
    createPrepackedWeights: at<[P]>(166, "p"),
    releasePrepackedWeights: at<[P], void>(167, "p", "v"),
    createSessionFromArrayWithPrepackedWeights: at<[P, P, number, P, P, P]>(169, "ppzppp"),
    appendCuda: at<[P, P]>(204, "pp"),
    createCudaOptions: at<[P]>(205, "p"),
    releaseCudaOptions: at<[P], void>(208, "p", "v"),
    /** options, names, values, their count */
    addExternalInitializers: at<[P, P, P, number]>(210, "pppz"),
    /** options, provider name, keys, values, their count */
    appendProvider: at<[P, P, P, P, number]>(216, "ppppz"),
    /** value, index, length in bytes, address of the bytes */
    resizedStringElement: at<[P, number, number, P]>(252, "pzzp"),
    hasShape: at<[P], boolean>(390, "p", "b"),
  };
}

export type OrtApi = ReturnType<typeof bindApi>;
/** A function that reports by a Status. */
export type StatusFunction<A extends readonly unknown[]> = NativeFunction<A, Status>;
