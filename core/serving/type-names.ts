import type { DType } from "../tensor.js";

const tensorFlowNames: Partial<Record<DType, string>> = {
  float32: "float",
  float64: "double",
  float16: "half",
  float8e5m2: "float8_e5m2",
  float8e4m3fn: "float8_e4m3fn",
  float8e5m2fnuz: "float8_e5m2fnuz",
  float8e4m3fnuz: "float8_e4m3fnuz",
};

/** TensorFlow's word for a type, which its clients know from its messages: `float`, `int64`. */
export const typeName = (dtype: DType): string => tensorFlowNames[dtype] ?? dtype;

/** Its name among the values of the enum `DataType`: `DT_FLOAT`. */
export const dataTypeName = (dtype: DType): string => `DT_${typeName(dtype).toUpperCase()}`;
