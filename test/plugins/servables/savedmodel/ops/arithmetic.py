"""Arithmetic of integers, bits, special functions, reductions of odd numbers."""

from cases import *

LEAST = -(2**31)
DIVIDENDS = np.array([LEAST, LEAST + 1, -7, -6, -1, 0, 1, 6, 7, 2**31 - 1], "int32")[:, None]
DIVISORS = np.array([LEAST, -4, -3, -1, 1, 2, 3, 2**31 - 1], "int32")
DIVISIONS = "FloorDiv FloorMod TruncateDiv TruncateMod Mod Div".split()
case("integer_division", lambda x, y: {op: getattr(raw, op)(x=x, y=y) for op in DIVISIONS}, DIVIDENDS, DIVISORS)
case("integer_division_by_least", lambda x: {op: getattr(raw, op)(x=x, y=np.int32(-1)) for op in DIVISIONS}, DIVIDENDS)
for dtype in ("int8", "uint8", "uint16", "int16", "uint32", "int64", "uint64"):
    case(f"division_{dtype}", lambda x, y: {"div": x // y, "mod": x % y}, np.array([0, 1, 7, 100], dtype), np.array([3, 1, 2, 7], dtype))
for op in DIVISIONS:
    case(f"{op}_by_zero", lambda x, y, op=op: getattr(raw, op)(x=x, y=y), ints(3), np.array([1, 0, 3], "int32"))
case("TruncateMod_float", lambda x, y: raw.TruncateMod(x=x, y=y), np.array([5.5, -5.5, 5.5], "float32"), np.array([2, 2, -2], "float32"))
case("Pow_int", lambda x: {f"p{p}": raw.Pow(x=x, y=np.int32(p)) for p in (0, 1, 2, 3, 7, 31)}, np.array([0, 1, -1, 2, -3, 10, 12345], "int32"))
case("Pow_int64", lambda x: x**5, np.array([3, -7, 2**20], "int64"))
SMALL = {d: (np.array([0, 1, 7, 100, 127], d), np.array([0, 3, 31, 9, 1], d)) for d in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")}
for dtype, (x, y) in SMALL.items():
    signs = np.array([1, -1, 1, -1, 1], dtype) if dtype.startswith("int") else np.ones(5, dtype)
    case(
        f"bits_{dtype}",
        lambda x, y, dtype=dtype: {
            "and": raw.BitwiseAnd(x=x, y=y),
            "or": raw.BitwiseOr(x=x, y=y),
            "xor": raw.BitwiseXor(x=x, y=y),
            "not": raw.Invert(x=x),
            "left": raw.LeftShift(x=x, y=y),
            "right": raw.RightShift(x=x, y=y),
        },
        x * signs,
        y,
    )
    case(
        f"integers_{dtype}",
        lambda x, y, dtype=dtype: {
            "max": raw.Maximum(x=x, y=y),
            "min": raw.Minimum(x=x, y=y),
            "where": tf.where(x > y, x, y),
            "sum": tf.reduce_sum(x, 0),
            "prod": tf.reduce_prod(x + 1, 0),
            "total": tf.cumsum(x),
            "mean": tf.reduce_mean(x, 0),
            "pad": tf.pad(x, [[1, 2]]),
            "tile": tf.tile(x, [2]) if dtype != "uint16" else x,
            "zeros": tf.zeros_like(x),
            "fill": tf.fill([2], x[1]),
            "onehot": tf.one_hot([1, 0, 5], 3, on_value=x[1], off_value=x[2]),
            "product": tf.matmul(x[:, None], y[None, :]) if dtype in ("int32", "int64") else x * y,
            **({"most": tf.reduce_max(x, 0), "argmax": tf.argmax(x, 0)} if dtype != "uint64" else {}),
            **({"top": tf.math.top_k(x, 2)[1]} if "64" not in dtype else {}),
        },
        x * signs,
        y,
    )
case("Atan2", lambda y, x: raw.Atan2(y=y, x=x), np.array([0, -0.0, 1, -1, 2.5, -2.5, np.inf, -np.inf, np.nan], "float32")[:, None], np.array([0, -0.0, 1, -1, 3, np.inf, -np.inf, 1e-30], "float32"))
case("AddN_int", lambda x, y: tf.add_n([x, y, y]), ints(3), ints(3))
case("AccumulateNV2", lambda x, y: raw.AccumulateNV2(inputs=[x, y], shape=[3]), f(3), f(3))
case("ApproximateEqual", lambda x, y: raw.ApproximateEqual(x=x, y=y, tolerance=0.1), f(5), f(5))
case("Select_rows", lambda c, x, y: raw.Select(condition=c, x=x, y=y), np.array([True, False, True]), f(3, 2, 2), f(3, 2, 2))
case("L2Loss", lambda x: raw.L2Loss(t=x), f(3, 4))
more("L2Loss", np.zeros((0, 4), "float32"))

ODD_ROWS = np.array([[np.nan, 1, 2], [1, np.nan, 2], [-np.inf, np.nan, -np.inf], [1, 2, np.inf], [3, 3, 1]], "float32")
case("extremes", lambda x: {"max": tf.reduce_max(x, 1), "min": tf.reduce_min(x, 1), "most": tf.argmax(x, 1), "least": tf.argmin(x, 1), "kept": tf.reduce_max(x, 0, keepdims=True)}, ODD_ROWS)
case("reductions_of_none", lambda x: {op: getattr(raw, op)(input=x, axis=[0]) for op in "Sum Mean Max Min Prod EuclideanNorm".split()}, np.zeros((0, 3), "float32"))
more("reductions_of_none", f(2, 3))
case("Mean_int", lambda x: tf.reduce_mean(x, [0, 1]), np.array([[-7, -8], [2**31 - 1, 2**31 - 1]], "int32"))
case("Mean_conv_unknown", lambda x: tf.reduce_mean(tf.nn.conv2d(x, tf.constant(f(1, 1, 2, 2)), 1, "VALID"), [1, 2]), f(2, 3, 3, 2))
case("Sum_axes_computed", lambda x, a: tf.reduce_sum(x, a), f(2, 3, 4), np.array([0, -1], "int32"))
more("Sum_axes_computed", f(2, 3), np.array([1], "int32"))
case("Sum_axis_computed_kept", lambda x, a: tf.reduce_sum(x, a, keepdims=True), f(2, 3), np.array(1, "int32"))
case("Sum_rank_open", lambda x: tf.reduce_sum(x), f(2, 3), unknown_rank=True)
more("Sum_rank_open", f())
case("Cumsum_axis_computed", lambda x, a: tf.cumsum(x, a), f(2, 3), np.array(1, "int32"))
HALF = np.array([[1.5, -2.25, 1000], [0.125, 3, -7.5]], "float16")
for dtype in ("float16", "bfloat16"):
    case(f"halves_{dtype}", lambda x: {"max": tf.reduce_max(x, 1), "top": tf.math.top_k(x, 2)[0], "pad": tf.pad(x, [[0, 1], [1, 0]]), "gather": tf.gather(x, [1]), "where": tf.where(x > 0, x, -x), "argmax": tf.argmax(x, 1), "zeros": tf.zeros_like(x), "concat": tf.concat([x, x], 0)}, tf.cast(HALF, dtype).numpy())

# Special functions. The poles, the far ends, numbers close to where the function is zero.
SPECIAL = np.array([-2.5, -1, 0, -0.0, 0.5, 1, 1.00001, 1.5, 2, 3.7, 20, 100, 1e10, 1e-10, np.inf, -np.inf, np.nan, -1e10, -0.3, -7.25, 0.1, 7], "float32")
case("Lgamma", lambda x: raw.Lgamma(x=x), SPECIAL)
case("Digamma", lambda x: raw.Digamma(x=x), SPECIAL[1:])
INSIDE = np.array([-1, 1, 0, 0.5, -0.99999, 0.9999999, 2, np.nan, 1e-20, -0.3, 0.951, 0.96, -0.0], "float32")
case("Erfinv", lambda x: raw.Erfinv(x=x), INSIDE)
case("Ndtri", lambda x: raw.Ndtri(x=x), np.array([0, 1, 0.5, 1e-10, 1e-30, 0.9999999, 2, -1, np.nan, 0.02, 0.03, 0.7], "float32"))
case("Lgamma_float64", lambda x: {"lgamma": raw.Lgamma(x=x), "quantile": raw.Ndtri(x=x / 10)}, np.array([0.1, 2.5, 9.9], "float64"))
case("Cross", lambda x, y: tf.linalg.cross(x, y), f(2, 3), f(2, 3))
case("Bitcast", lambda x: {"unsigned": tf.bitcast(x, tf.uint32), "float": tf.bitcast(x, tf.float32), "back": tf.bitcast(tf.bitcast(x, tf.float32), tf.int32)}, np.array([-1, 5, -(2**31)], "int32"))
case("cumulations", lambda x: {"plain": tf.math.cumprod(x, 1), "odd": tf.math.cumprod(x, -1, exclusive=True, reverse=True), "first": tf.math.cumprod(x, 0, reverse=True), "log": tf.math.cumulative_logsumexp(x, 1), "log odd": tf.math.cumulative_logsumexp(x, 0, exclusive=True, reverse=True)}, f(3, 4))
more("cumulations", np.array([[-np.inf, -np.inf, 1, 100, -200]], "float32"))
more("cumulations", np.zeros((0, 4), "float32"))
case("Cumprod_int", lambda x: tf.math.cumprod(x), ints(5))
case("CheckNumerics", lambda x: tf.debugging.check_numerics(x, "odd") * 2, f(3))
more("CheckNumerics", np.array([1, np.nan], "float32"))
more("CheckNumerics", np.array([1, np.inf], "float32"))
case("cross_entropy", lambda x, y: dict(zip("lb", raw.SoftmaxCrossEntropyWithLogits(features=x, labels=y))), f(3, 4), f(3, 4, low=0))
case("sparse_cross_entropy", lambda x, y: dict(zip("lb", raw.SparseSoftmaxCrossEntropyWithLogits(features=x, labels=y))), f(3, 4), np.array([0, 3, 1]))
more("sparse_cross_entropy", f(1, 4), np.array([4]))
NOISE = f(40, low=-8, high=8)
case("fake_quant", lambda x: {"args": raw.FakeQuantWithMinMaxArgs(inputs=x, min=-3, max=5.5), "few": raw.FakeQuantWithMinMaxArgs(inputs=x, min=0, max=6, num_bits=4, narrow_range=True), "vars": raw.FakeQuantWithMinMaxVars(inputs=x, min=-1.3, max=2.7), "channels": raw.FakeQuantWithMinMaxVarsPerChannel(inputs=tf.reshape(x, [-1, 2]), min=[-1, -7.7], max=[3.3, 0])}, NOISE)

# Products.
EQUATIONS = {
    "dense": ("abc,cd->abd", (2, 3, 4)),
    "heads": ("abc,cde->abde", (2, 3, 4)),
    "merge": ("abde,dec->abc", (2, 3, 2, 5)),
    "turned": ("abc,dc->dab", (2, 3, 4)),
    "vector": ("ab,b->a", (2, 4)),
}
WEIGHTS = {"dense": f(4, 3), "heads": f(4, 2, 5), "merge": f(2, 5, 3), "turned": f(3, 4), "vector": f(4)}
for name, (equation, shape) in EQUATIONS.items():
    case(f"einsum_{name}", lambda x, e=equation, n=name: tf.einsum(e, x, tf.constant(WEIGHTS[n])), f(*shape))
    more(f"einsum_{name}", np.zeros((0, *shape[1:]), "float32"))
case("einsum_weights_first", lambda x: tf.einsum("cd,abc->abd", tf.constant(f(4, 3)), x), f(2, 3, 4))
PAIRS = {
    "scores": ("aecd,abcd->acbe", (2, 3, 4, 5), (2, 6, 4, 5)),
    "context": ("acbe,aecd->abcd", (2, 4, 6, 3), (2, 3, 4, 5)),
    "dot": ("ab,ab->a", (2, 3), (2, 3)),
    "outer": ("a,b->ab", (2,), (3,)),
    "ellipsis": ("...ab,...bc->...ac", (2, 3, 4), (2, 4, 5)),
    "grouped": ("btgkh,bskh->bkgts", (2, 3, 2, 2, 4), (2, 5, 2, 4)),
    "total": ("ab,bc->", (2, 3), (3, 4)),
    "scale": ("abc,ac->abc", (2, 3, 4), (2, 4)),
}
for name, (equation, left, right) in PAIRS.items():
    case(f"einsum_{name}", lambda x, y, e=equation: tf.einsum(e, x, y), f(*left), f(*right))
case("einsum_one", lambda x: {"turned": tf.einsum("abc->cab", x), "summed": tf.einsum("abc->b", x), "diagonal": tf.einsum("abb->ab", x), "rest": tf.einsum("...c->...", x)}, f(2, 3, 3))
case("einsum_three", lambda x, y, z: tf.einsum("ab,bc,cd->ad", x, y, z), f(2, 3), f(3, 2), f(2, 4))
case("einsum_int", lambda x, y: tf.einsum("ab,cb->ac", x, y), ints(2, 3), ints(2, 3))
case("einsum_bfloat16", lambda x, y: tf.einsum("ab,bc->ac", x, y), tf.cast(np.ones((2, 2)), "bfloat16").numpy(), tf.cast(np.eye(2), "bfloat16").numpy())
case("BatchMatMul", lambda x, y: raw.BatchMatMul(x=x, y=y), f(2, 3, 4), f(2, 4, 2))
more("BatchMatMul", np.zeros((0, 3, 4), "float32"), np.zeros((0, 4, 2), "float32"))
case("BatchMatMulV3", lambda x, y: raw.BatchMatMulV3(x=x, y=y, Tout=tf.int32), ints(2, 2, 3, dtype="int8"), ints(2, 3, 2, dtype="int8"))
case("SparseMatMul", lambda x, y: raw.SparseMatMul(a=x, b=y, transpose_b=True, a_is_sparse=True), f(2, 3), f(4, 3))
AT = np.array([[0, 2], [1, 0], [1, 2]])
case("SparseTensorDenseMatMul", lambda i, v, y: raw.SparseTensorDenseMatMul(a_indices=i, a_values=v, a_shape=np.array([3, 4]), b=y), AT, f(3), f(4, 2))
more("SparseTensorDenseMatMul", np.array([[3, 0]]), f(1), f(4, 2))
more("SparseTensorDenseMatMul", np.zeros((0, 2), "int64"), f(0), f(4, 2))
case("SparseTensorDenseMatMul_turned", lambda i, v, y: raw.SparseTensorDenseMatMul(a_indices=i, a_values=v, a_shape=np.array([3, 4]), b=y, adjoint_a=True, adjoint_b=True), AT, f(3), f(2, 3))
case("passed_on", lambda x: {"constant": raw.GuaranteeConst(input=x), "checked": raw.CheckNumericsV2(tensor=x, message="odd")}, f(3))
