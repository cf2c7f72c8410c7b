"""Elementwise operators, products, images, reductions, shapes, slices: what most models are made of."""

from cases import *

# Elementwise, one input. The odd values: NaN, infinities, zeros, halves.
for op in (
    "Abs Neg Sign Exp Floor Ceil Round Rint Sin Cos Tan Atan Sinh Cosh Tanh Asinh Erf Erfc Relu Relu6 Elu Selu Softplus "
    "Softsign Sigmoid Square Expm1 IsNan IsInf IsFinite"
).split():
    key = "features" if op in ("Relu", "Relu6", "Elu", "Selu", "Softplus", "Softsign") else "x"
    case(op, lambda x, op=op, key=key: getattr(raw, op)(**{key: x}), f(3, 4))
    more(op, np.where(np.abs(ODD) > 20, np.sign(ODD), ODD) if op in ("Sinh", "Cosh", "Tan", "Sin", "Cos") else ODD)
for op in "Log Sqrt Rsqrt Reciprocal Inv Log1p Acosh".split():
    case(op, lambda x, op=op: getattr(raw, op)(x=x), f(3, 4, low=1.0, high=5.0))
for op in "Asin Acos Atanh".split():
    case(op, lambda x, op=op: getattr(raw, op)(x=x), f(3, 4, low=-0.9, high=0.9))
more("Log1p", np.array([1e-8, -1e-6, 0, 1e10, np.inf, np.nan, -0.5], "float32"))
more("Erfc", np.linspace(-5, 9, 57).astype("float32"))
more("Expm1", np.linspace(-20, 20, 41).astype("float32"))
case("LeakyRelu", lambda x: raw.LeakyRelu(features=x, alpha=0.3), f(5))
case("LogicalNot", lambda x: tf.logical_not(x), np.array([True, False]))
case("Softmax", tf.nn.softmax, f(2, 3, 4))
more("Softmax", f(5))
more("Softmax", np.zeros((0, 3), "float32"))
case("LogSoftmax", tf.nn.log_softmax, f(2, 5))
case("StopGradient", lambda x: tf.stop_gradient(x) + 1.0, f(2))
case("IdentityN", lambda x, y: tuple(raw.IdentityN(input=[x, y])), f(2), ints(3))
for dtype in ("int8", "int16", "int32", "int64", "float64", "float16", "bfloat16"):
    kind = tf.as_dtype(dtype)
    values = tf.cast(tf.constant([[1.0, -2.0, 3.0]]), kind).numpy()
    case(f"arithmetic_{dtype}", lambda x, y: {"sum": x + y, "difference": x - y, "product": x * y, "less": x < y}, values, values[:, :1])
case("bfloat16_chain", lambda x: tf.exp(x) * x - tf.nn.relu(x), tf.cast(f(7), tf.bfloat16).numpy())

# Elementwise, two inputs.
for op in "AddV2 Sub Mul RealDiv Maximum Minimum SquaredDifference DivNoNan MulNoNan Xdivy FloorDiv FloorMod".split():
    case(op, lambda x, y, op=op: getattr(raw, op)(x=x, y=y), f(2, 3, 4), f(3, 1))
    more(op, f(4), f())
    more(op, np.array([5.5, -5.5, 5.5, -5.5, 0, 6], "float32"), np.array([2, 2, -2, -2, 3, 3], "float32"))
more("DivNoNan", np.array([1, 0, -1], "float32"), np.zeros(3, "float32"))
more("MulNoNan", np.array([np.nan, np.inf, 2], "float32"), np.array([0, 0, 3], "float32"))
more("Xdivy", np.array([0, 1], "float32"), np.array([0, 2], "float32"))
more("Maximum", ODD, np.float32(0.5))
more("AddV2", f(2, 3), f(2, 4))
more("AddV2", np.zeros((0, 3), "float32"), f(3))
case("Xlogy", lambda x, y: raw.Xlogy(x=x, y=y), np.array([0, 1, 2], "float32"), np.array([0, 2, 3], "float32"))
case("Pow", lambda x, y: raw.Pow(x=x, y=y), f(3, low=0.1), f(3))
for op in "Less LessEqual Greater GreaterEqual Equal NotEqual".split():
    case(op, lambda x, y, op=op: getattr(raw, op)(x=x, y=y), ODD, np.float32(0))
    case(f"{op}_int64", lambda x, y, op=op: getattr(raw, op)(x=x, y=y), np.array([1, 2**53 + 1, -3]), np.array([2**53]))
for op in "LogicalAnd LogicalOr".split():
    case(op, lambda x, y, op=op: getattr(raw, op)(x=x, y=y), np.array([[True], [False]]), np.array([True, False]))
case("FloorDiv_int", lambda x: x // 3 + x // -4, ints(20, low=-30, high=30))
case("FloorMod_int", lambda x: x % 3 + x % -4, ints(20, low=-30, high=30, dtype="int64"))
case("TruncateDiv_int", lambda x: raw.TruncateDiv(x=x, y=tf.constant(4)), ints(20, low=-30, high=30))
case("AddN", lambda x, y, z: tf.add_n([x, y, z]), f(3), f(3), f(3))
case("SelectV2", lambda c, x, y: tf.where(c, x, y), np.array([[True], [False]]), f(2, 3), f(3))
case("Select", lambda c, x, y: raw.Select(condition=c, x=x, y=y), np.array([True, False]), f(2), f(2))
case("ClipByValue", lambda x: tf.clip_by_value(x, -0.5, 0.5), f(7))
case("ClipByValue_raw", lambda x: raw.ClipByValue(t=x, clip_value_min=-0.5, clip_value_max=0.5), ODD)

# Casts.
for to in ("float64", "int32", "int64", "uint8", "bool", "float16", "bfloat16"):
    case(f"Cast_{to}", lambda x, to=to: tf.cast(x, to), np.array([0.0, 0.4, 1.6, 2.5, 200.7], "float32"))
case("Cast_bool", lambda x: tf.cast(x, tf.bool), np.array([0.0, 0.4, -1.0, np.nan, -0.0], "float32"))
case("Cast_int_to_int", lambda x: tf.cast(x, tf.uint8), np.array([-1, 0, 255, 256, 1000]))
case("Cast_from_bool", lambda x: tf.cast(x, tf.float32), np.array([True, False]))
case("Cast_float16", lambda x: tf.cast(x, tf.float32) * 2.0, np.array([1.5, 65504], "float16"))

# Products.
case("MatMul", lambda x, y: tf.matmul(x, y), f(2, 3), f(3, 4))
more("MatMul", np.zeros((0, 3), "float32"), f(3, 4))
more("MatMul", f(2, 3), f(4, 3))
for a in (False, True):
    for b in (False, True):
        case(
            f"MatMul_{int(a)}{int(b)}",
            lambda x, y, a=a, b=b: raw.MatMul(a=x, b=y, transpose_a=a, transpose_b=b),
            f(3, 2) if a else f(2, 3),
            f(4, 3) if b else f(3, 4),
        )
case("MatMul_int32", lambda x, y: tf.matmul(x, y), ints(2, 3), ints(3, 2))
case("MatMul_float64", lambda x, y: tf.matmul(x, y, transpose_a=True), f(3, 2, dtype="float64"), f(3, 2, dtype="float64"))
case("MatMul_vector", lambda x: tf.matmul(x, tf.constant(f(3, 2))), f(1, 3))
more("MatMul_vector", f(3))
more("MatMul_vector", f(1, 1, 3))
WEIGHTS, BIAS = f(4, 3), f(3)
case("dense", lambda x: tf.nn.relu(tf.nn.bias_add(tf.matmul(x, tf.constant(WEIGHTS)), tf.constant(BIAS))), f(2, 4))
case("dense_add", lambda x: tf.constant(BIAS) + tf.matmul(x, tf.constant(WEIGHTS)), f(2, 4))
case("dense_column_bias", lambda x: tf.matmul(x, tf.constant(WEIGHTS[:, :1])) + tf.constant(BIAS), f(2, 4))
case("product_used_twice", lambda x: (lambda p: p * tf.nn.bias_add(p, tf.constant(BIAS)))(tf.matmul(x, tf.constant(WEIGHTS))), f(2, 4))
case("BatchMatMulV2", lambda x, y: tf.matmul(x, y), f(2, 1, 3, 4), f(5, 4, 2))
case("BatchMatMulV2_adj", lambda x, y: raw.BatchMatMulV2(x=x, y=y, adj_x=True, adj_y=True), f(2, 4, 3), f(2, 5, 4))
case("BiasAdd_nchw", lambda x: tf.nn.bias_add(x, tf.constant(f(3)), data_format="NCHW"), f(2, 3, 4, 5))
case("BiasAdd", lambda x: tf.nn.bias_add(x, tf.constant(f(3))), f(2, 2, 3))
more("BiasAdd", f(3))

# Images.
KERNEL = f(3, 3, 2, 4)
for stride in (1, 2, 3):
    for padding in ("SAME", "VALID"):
        case(
            f"Conv2D_{padding}_{stride}",
            lambda x, s=stride, p=padding: tf.nn.conv2d(x, tf.constant(KERNEL), s, p),
            f(2, 7, 8, 2),
        )
        more(f"Conv2D_{padding}_{stride}", f(1, 5, 6, 2))
case("Conv2D_1x1_stride", lambda x: tf.nn.conv2d(x, tf.constant(f(1, 1, 2, 3)), 2, "SAME"), f(1, 5, 4, 2))
case("Conv2D_2x2_SAME_3", lambda x: tf.nn.conv2d(x, tf.constant(f(2, 2, 2, 3)), 3, "SAME"), f(1, 7, 4, 2))
case("Conv2D_even_SAME", lambda x: tf.nn.conv2d(x, tf.constant(f(4, 2, 2, 3)), 1, "SAME"), f(1, 5, 6, 2))
case("Conv2D_dilated", lambda x: raw.Conv2D(input=x, filter=tf.constant(KERNEL), strides=[1] * 4, padding="SAME", dilations=[1, 2, 2, 1]), f(1, 9, 8, 2))
case("Conv2D_explicit", lambda x: tf.nn.conv2d(x, tf.constant(KERNEL), [1, 2, 1, 1], [[0, 0], [1, 2], [0, 3], [0, 0]]), f(1, 6, 7, 2))
case("conv_bias_relu_pool", lambda x: tf.nn.max_pool2d(tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME"), tf.constant(f(4)))), 2, 2, "SAME"), f(2, 7, 5, 2))
case("conv_normalized", lambda x: (tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME") - tf.constant(f(4))) * tf.math.rsqrt(tf.constant(f(1, 1, 1, 4, low=0.5))) + tf.constant(f(1, 4)), f(1, 4, 5, 2))
case("conv_residual", lambda x: (lambda y: tf.nn.relu(tf.nn.conv2d(y, tf.constant(f(3, 3, 4, 4)), 1, "SAME") + y))(tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME")), f(1, 4, 5, 2))
case("conv_plus_input", lambda x: tf.nn.conv2d(x, tf.constant(f(3, 3, 2, 2)), 1, "SAME") + x, f(1, 4, 5, 2))
case("conv_row_times_image", lambda x: tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME") * tf.constant(f(5, 4)), f(1, 4, 5, 2))
for name, reduce in {
    "kept": lambda y: tf.reduce_mean(y, [1, 2], keepdims=True),
    "kept_rows": lambda y: tf.reduce_sum(y, -3, keepdims=True),
    "flat": lambda y: tf.reduce_mean(y, [1, 2]),
    "channels": lambda y: tf.reduce_sum(y, -1),
    "rows": lambda y: tf.reduce_max(y, [1]),
}.items():
    case(f"conv_reduced_{name}", lambda x, r=reduce: r(tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME")), f(2, 4, 5, 2))
case("conv_concat", lambda x: (lambda y: tf.concat([y, tf.nn.relu(y)], -1))(tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME")), f(1, 4, 5, 2))
case("conv_concat_rows", lambda x: (lambda y: tf.concat([y, tf.nn.relu(y)], 1))(tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME")), f(1, 4, 5, 2))
case("conv_pad_conv", lambda x: tf.nn.conv2d(tf.pad(tf.nn.conv2d(x, tf.constant(KERNEL), 1, "VALID"), [[0, 0], [1, 2], [3, 0], [0, 0]]), tf.constant(f(3, 3, 4, 2)), 1, "VALID"), f(1, 4, 5, 2))
case("conv_softmax", lambda x: tf.nn.softmax(tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME")), f(1, 4, 5, 2))
case("conv_flatten", lambda x: (lambda y: tf.reshape(y, [tf.shape(y)[0], tf.shape(y)[1] * tf.shape(y)[2] * 4]))(tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME")), f(2, 3, 4, 2))
case("conv_transpose_out", lambda x: tf.transpose(tf.nn.conv2d(x, tf.constant(KERNEL), 1, "SAME"), [0, 3, 1, 2]), f(1, 3, 4, 2))
case("Depthwise", lambda x: tf.nn.depthwise_conv2d(x, tf.constant(f(3, 3, 2, 3)), [1, 2, 2, 1], "SAME"), f(1, 7, 6, 2))
case("MaxPool_SAME", lambda x: tf.nn.max_pool2d(x, 3, 2, "SAME"), f(1, 6, 7, 2))
case("MaxPool_VALID", lambda x: tf.nn.max_pool2d(x, [3, 2], [1, 2], "VALID"), f(1, 6, 7, 2))
case("AvgPool_SAME", lambda x: tf.nn.avg_pool2d(x, 3, 2, "SAME"), f(1, 6, 7, 2))
case("AvgPool_SAME_1", lambda x: tf.nn.avg_pool2d(x, 3, 1, "SAME"), f(1, 4, 4, 2))
case("AvgPool_VALID", lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID"), f(1, 6, 7, 2))
case("FusedBatchNormV3", lambda x: raw.FusedBatchNormV3(x=x, scale=f(3), offset=f(3), mean=f(3), variance=f(3, low=0.5), epsilon=0.01, is_training=False)[0], f(2, 3, 4, 3))

# Reductions.
for op in "Sum Mean Max Min Prod EuclideanNorm".split():
    case(op, lambda x, op=op: getattr(raw, op)(input=x, axis=[1, -1]), f(2, 3, 4))
    case(f"{op}_keep", lambda x, op=op: getattr(raw, op)(input=x, axis=1, keep_dims=True), f(2, 3, 4))
case("Sum_no_axes", lambda x: raw.Sum(input=x, axis=np.zeros(0, "int32")), f(2, 3))
case("Sum_empty", lambda x: tf.reduce_sum(x, 0), np.zeros((0, 3), "float32"))
case("Sum_int64", lambda x: tf.reduce_sum(x, 0), ints(4, 3, dtype="int64"))
case("Sum_all", lambda x: raw.Sum(input=x, axis=[0, 1]), f(2, 3))
case("All_Any", lambda x: {"all": tf.reduce_all(x, 1), "any": tf.reduce_any(x, 1, keepdims=True)}, np.array([[True, False], [True, True], [False, False]]))
case("ArgMax", lambda x: tf.argmax(x, 1), np.array([[1, 3, 3], [2, 2, 0]], "float32"))
case("ArgMin_int32", lambda x: tf.argmin(x, -1, output_type=tf.int32), f(2, 3))
case("Cumsum", lambda x: {"plain": tf.cumsum(x, 1), "odd": tf.cumsum(x, -1, exclusive=True, reverse=True)}, f(2, 5))

# Variables.
VARIABLE = tf.Variable(f(5, 2), name="table")
case("ResourceGather", lambda i: tf.nn.embedding_lookup(VARIABLE, i), np.array([[0, 4]]))
more("ResourceGather", np.array([[-1, 0]]))
case("VariableShape", lambda x: x + tf.cast(tf.shape(VARIABLE)[1], tf.float32) + tf.reduce_sum(VARIABLE), f(2))

# Shapes.
case("Reshape", lambda x: tf.reshape(x, [-1, 3]), f(2, 3, 4))
more("Reshape", np.zeros((0, 3), "float32"))
more("Reshape", f(7))
case("Reshape_zero", lambda x: tf.reshape(x, [0, 3]), np.zeros((2, 0), "float32"))
more("Reshape_zero", f(2, 3))
case("Reshape_like", lambda x, y: tf.reshape(x, tf.shape(y)), f(6), f(2, 3))
case("Reshape_computed", lambda x, s: tf.reshape(x, s), f(6), np.array([3, -1], "int64"))
more("Reshape_computed", np.zeros(0, "float32"), np.array([3, 0], "int64"))
case("Shape", lambda x: {"shape": tf.shape(x), "long": tf.shape(x, tf.int64), "size": tf.size(x), "rank": tf.rank(x) + 0}, f(2, 0, 3))
case("Squeeze", lambda x: tf.squeeze(x), f(1, 3, 1))
case("Squeeze_axes", lambda x: tf.squeeze(x, [0, -1]), f(1, 3, 1))
more("Squeeze_axes", f(2, 3, 1))
case("ExpandDims", lambda x: {"first": tf.expand_dims(x, 0), "last": tf.expand_dims(x, -1), "middle": tf.expand_dims(x, -2)}, f(2, 3))
case("Transpose", lambda x: tf.transpose(x, [2, 0, 1]), f(2, 3, 4))
case("Pack_Unpack", lambda x, y: (lambda p: {"packed": p, "second": tf.unstack(p, 2, axis=-1)[1]})(tf.stack([x, y], -1)), f(2, 3), f(2, 3))
case("Fill_Tile", lambda x: {"filled": tf.fill([2, 3], x[0]), "tiled": tf.tile(x, [3])}, f(2))
case("Fill_computed", lambda x: tf.fill(tf.shape(x), 7), f(2, 3))
case("zeros_ones", lambda x: {"zeros": tf.zeros_like(x), "ones": tf.ones_like(x)}, np.array([np.nan, 1], "float32"))
case("Range", lambda x: tf.range(0, tf.shape(x)[0]) * 2, f(5))
case("Range_float", lambda x: tf.range(x, x + 2.0, 0.5), np.float32(1))

# Slices.
SLICES = {
    "slice_plain": lambda x: x[1:3, ::2],
    "slice_index": lambda x: x[-1, :, 1],
    "slice_reverse": lambda x: x[::-1, 3:0:-2],
    "slice_ellipsis": lambda x: x[..., 1:, -1],
    "slice_ellipsis_middle": lambda x: x[0, ..., 2],
    "slice_new": lambda x: x[tf.newaxis, 1:, ..., tf.newaxis],
    "slice_new_and_index": lambda x: x[:, tf.newaxis, 1, ..., 0, tf.newaxis],
    "slice_over": lambda x: x[-100:100, 2:100],
    "slice_empty": lambda x: x[3:1],
    "slice_whole": lambda x: x[:, :],
}
for name, fn in SLICES.items():
    case(name, fn, f(4, 5, 3))
more("slice_index", f(1, 2, 1))
more("slice_plain", f(2, 1, 1))
case("slice_rank_open", lambda x: x[..., :2], f(3, 4), unknown_rank=True)
more("slice_rank_open", f(5))
more("slice_rank_open", f(2, 2, 3))
case("Slice", lambda x: tf.slice(x, [1, 0], [2, -1]), f(4, 3))
more("Slice", f(2, 3))

# Gathering, joining.
TABLE = f(5, 2)
case("GatherV2", lambda i: tf.gather(tf.constant(TABLE), i), np.array([[0, 4], [2, 2]]))
more("GatherV2", np.array([[-1]]))
more("GatherV2", np.array([[5]]))
more("GatherV2", np.array([[-(2**63)]]))
more("GatherV2", np.zeros((0, 2), "int64"))
more("GatherV2", np.array(3))
case("GatherV2_axis", lambda x, i: tf.gather(x, i, axis=-1), f(2, 3), np.array([2, 0], "int32"))
more("GatherV2_axis", f(2, 3), np.array([-1], "int32"))
case("OneHot", lambda i: {"last": tf.one_hot(i, 3), "first": tf.one_hot(i, 3, on_value=5.0, off_value=-1.0, axis=0)}, np.array([0, 2, -1, 3]))
case("TopKV2", lambda x: dict(zip(("values", "indices"), tf.math.top_k(x, 2))), np.array([[1, 3, 3, 2], [5, 4, 5, 5]], "float32"))
more("TopKV2", f(1, 1))
case("ConcatV2", lambda x, y: tf.concat([x, y, x], -1), f(2, 3), f(2, 1))
more("ConcatV2", np.zeros((2, 0), "float32"), f(2, 1))
case("Split", lambda x: tf.split(tf.reshape(x, [-1, 6]), 3, axis=1)[1], f(2, 6))
case("SplitV", lambda x: tf.split(tf.reshape(x, [-1, 6]), [1, -1, 2], axis=1)[1], f(2, 6))
case("Pad", lambda x: {"zeros": tf.pad(x, [[1, 0], [0, 2]]), "value": tf.pad(x, [[1, 0], [0, 2]], constant_values=9.0), "mirror": tf.pad(x, [[1, 0], [0, 2]], "REFLECT")}, f(2, 3))

# Ranks other than the signature's.
case("half", lambda x: x * 0.5 + 2.0, f(3, 1))
more("half", f(3))
more("half", f())
more("half", f(0))
more("half", f(2, 2, 2))
case("scaled_rows", lambda x: tf.nn.softmax(tf.matmul(x * tf.constant(f(3)) + 1.0, tf.constant(f(3, 2)))), f(4, 3))
more("scaled_rows", f(3))
more("scaled_rows", f(0, 3))

# What must not be lowered.
case("refused_power", lambda x, y: raw.Pow(x=x, y=y), ints(3), ints(3, low=0))
case("refused_band", lambda x: tf.linalg.diag_part(x, k=(0, 1)), f(3, 3))
for op in "Equal NotEqual".split():
    written = lambda x, y, op=op: getattr(raw, op)(x=x, y=y, incompatible_shape_error=False)
    case(f"{op}_as_written_vectors", written, f(3), f(3))
    case(f"{op}_as_written_scalar", written, f(2, 3), np.float32(0.5))
    case(f"{op}_as_written_unequal", lambda x, written=written: written(tf.reshape(x, [2, 3]), tf.constant([1.0, 2.0])), f(6))
    case(f"{op}_as_written_constants", lambda x, written=written: {"y": written(tf.constant([1, 2]), tf.constant([1, 2, 3])), "x": x}, f(1))
case("refused_open_rank", lambda x: tf.matmul(x, tf.constant(f(3, 2))), f(2, 3), unknown_rank=True)
case("refused_unique", lambda x: raw.Unique(x=x)[0], f(3))
case("refused_assert", lambda x: [tf.debugging.Assert(tf.reduce_all(x > 0), [x]), x * 2.0][1], f(3, low=1))
case("refused_nested", tf.function(lambda x: tf.linalg.det(x)), f(2, 2))
case("refused_bits", lambda x: tf.bitcast(x, tf.uint8), f(3))
