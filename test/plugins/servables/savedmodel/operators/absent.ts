/** Operators that people meet and that no rule lowers, by the reason. */
export const absent: readonly { readonly what: string; readonly operators: readonly string[] }[] = [
  {
    what: "Complex numbers, which ONNX has no type for",
    operators: [
      "FFT",
      "IFFT",
      "FFT2D",
      "RFFT",
      "IRFFT",
      "RFFT2D",
      "Complex",
      "ComplexAbs",
      "Real",
      "Imag",
      "Angle",
      "Conj",
    ],
  },
  {
    what: "Decompositions and solvers",
    operators: [
      "Svd",
      "Qr",
      "Lu",
      "Cholesky",
      "SelfAdjointEigV2",
      "MatrixSolve",
      "MatrixSolveLs",
      "MatrixTriangularSolve",
    ],
  },
  {
    what: "Random numbers",
    operators: [
      ...[
        "RandomUniform",
        "RandomStandardNormal",
        "RandomUniformInt",
        "TruncatedNormal",
        "Multinomial",
        "RandomShuffle",
      ],
      ...["StatelessRandomUniformV2", "StatelessRandomNormalV2", "StatelessMultinomial"],
    ],
  },
  {
    what: "Pictures and sound as files",
    operators: [
      "DecodeJpeg",
      "DecodePng",
      "DecodeImage",
      "DecodeGif",
      "DecodeBmp",
      "EncodeJpeg",
      "DecodeWav",
      "AudioSpectrogram",
    ],
  },
  {
    what: "State that changes between calls",
    operators: [
      ...[
        "AssignVariableOp",
        "AssignAddVariableOp",
        "ResourceScatterUpdate",
        "MutableHashTableV2",
        "LookupTableInsertV2",
      ],
      ...["QueueEnqueueV2", "QueueDequeueV2", "StackPushV2"],
    ],
  },
  {
    what: "Files beside the graph",
    operators: ["ReadFile", "WriteFile", "TFRecordReaderV2", "IteratorGetNext"],
  },
  {
    what: "Python functions, which libtensorflow does not run either",
    operators: ["PyFunc", "PyFuncStateless", "EagerPyFunc"],
  },
  {
    what: "Ragged tensors beyond what is listed above, and several classes of boxes at once",
    operators: ["RaggedRange", "RaggedGather", "CombinedNonMaxSuppression"],
  },
  {
    what: "Quantized kernels",
    operators: [
      "QuantizedConv2D",
      "QuantizedMatMul",
      "QuantizeV2",
      "Dequantize",
      "UniformQuantize",
      "UniformDequantize",
    ],
  },
  {
    what: "Text in other formats",
    operators: ["DecodeCSV", "DecodeJSONExample", "ParseSequenceExampleV2", "DecodeProtoV2", "EncodeProto"],
  },
  {
    what: "Special functions",
    operators: ["Polygamma", "Zeta", "Igamma", "Igammac", "Betainc", "BesselI0e", "BesselI1e"],
  },
  {
    what: "Gradients and training",
    operators: [
      "Conv2DBackpropFilter",
      "MaxPoolGrad",
      "FusedBatchNormGradV3",
      "ReluGrad",
      "ApplyAdam",
      "ResourceApplyGradientDescent",
    ],
  },
];
