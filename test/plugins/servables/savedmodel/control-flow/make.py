"""Makes `model/` and `golden.json` beside this file: branches, loops, lists and recurrent layers.

Python 3.11 with tensorflow-cpu 2.21 and keras 3. Run in this folder: python make.py
"""

import sys

sys.path.insert(0, "..")
from golden_model import make, np, specs_of, tf

import keras

raw = tf.raw_ops
rng = np.random.default_rng(11)
keras.utils.set_random_seed(5)
CASES, KEEP = {}, []


def f(*shape, low=-2.0, high=2.0):
    return rng.uniform(low, high, shape).astype("float32")


def case(name, fn, *inputs, specs=None):
    """One signature; inputs are its first call, `more` may add others."""
    CASES[name] = (fn, [inputs], specs or specs_of(inputs, False))


def more(name, *inputs):
    CASES[name][1].append(inputs)


I = np.int32
YES, NO = np.array(True), np.array(False)

# Branches.
case("cond", lambda p, x: tf.cond(p, lambda: x * 2.0, lambda: tf.reduce_sum(x) + x), YES, f(3))
more("cond", NO, f(2))
case("cond_shapes", lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x[:1], lambda: tf.concat([x, x], 0)), f(3, low=0.1))
more("cond_shapes", f(3, high=-0.1))
case("cond_ranks", lambda p, x: tf.cond(p, lambda: x, lambda: tf.reduce_sum(x)) * 2.0, YES, f(3))
more("cond_ranks", NO, f(3))
case("cond_two", lambda p, x: dict(zip("ab", tf.cond(p, lambda: (x + 1.0, tf.shape(x)), lambda: (-x, tf.shape(x)[:1])))), YES, f(2, 3))
more("cond_two", NO, f(2, 3))
case("cond_same", lambda p, x: tf.cond(p, lambda: (x, x + 1.0), lambda: (x, x - 1.0)), YES, f(2))
case("cond_nested", lambda x: tf.cond(x > 0, lambda: tf.cond(x > 1, lambda: x * 10.0, lambda: x * 100.0), lambda: tf.cond(x < -1, lambda: x, lambda: x * 0.5)), np.float32(2))
for value in (0.5, -0.5, -2):
    more("cond_nested", np.float32(value))
case("cond_constant", lambda x: raw.If(cond=tf.constant(False), input=[x], Tout=[tf.float32], then_branch=SIGMOID, else_branch=DOUBLE)[0], f(2))
case("cond_number", lambda n, x: raw.If(cond=n, input=[x], Tout=[tf.float32], then_branch=SIGMOID, else_branch=DOUBLE)[0], I(3), f(2))
more("cond_number", I(0), f(2))
SIGMOID = tf.function(tf.sigmoid).get_concrete_function(tf.TensorSpec([None], tf.float32))
DOUBLE = tf.function(lambda x: x * 2.0).get_concrete_function(tf.TensorSpec([None], tf.float32))
case("switch", lambda i, x: tf.switch_case(i, [lambda: x, lambda: x * 2.0, lambda: x * 3.0]), I(0), f(2))
for index in (1, 2, 3, -1):
    more("switch", I(index), f(2))
case("switch_constant", lambda x: raw.Case(branch_index=tf.constant(7), input=[x], Tout=[tf.float32], branches=[SIGMOID, DOUBLE])[0], f(2))
case("case", lambda x: tf.case([(x > 2, lambda: x), (x > 1, lambda: -x)], default=lambda: x * x), np.float32(3))
more("case", np.float32(1.5))
more("case", np.float32(0.5))
CONV = f(3, 3, 2, 4)
case("cond_image", lambda p, x: (lambda y: y[:, :1, :1] + tf.cond(p, lambda: tf.nn.max_pool2d(y, 2, 2, "SAME"), lambda: tf.reshape(y, [-1, 8, 2, 4])))(tf.nn.conv2d(x, CONV, 1, "SAME")), YES, f(1, 4, 4, 2))
more("cond_image", NO, f(2, 4, 4, 2))


# Assertions.
def asserted(x):
    tf.debugging.assert_positive(x, "must be positive")
    return x * 2.0


def guarded(*checks):
    def run(result):
        with tf.control_dependencies(checks):
            return tf.identity(result)

    return run


case("assert", asserted, f(3, low=0.1))
more("assert", f(3, high=-0.1))
case("assert_nested", lambda p, x: tf.cond(p, lambda: asserted(x), lambda: x), YES, f(2, low=0.1))
more("assert_nested", YES, f(2, high=-0.1))
more("assert_nested", NO, f(2, high=-0.1))
case("assert_shapes", lambda x, y: guarded(tf.debugging.assert_equal(tf.shape(x)[0], tf.shape(y)[0]))(tf.reduce_sum(x) + tf.reduce_sum(y)), f(2), f(2))
more("assert_shapes", f(2), f(3))
case("assert_loop", lambda x: tf.while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, asserted(y) - 1.0), [0, x])[1], np.float32(5))
more("assert_loop", np.float32(3))


# Loops.
def loop(cond, body, state, **kw):
    return tf.while_loop(cond, body, state, **kw)


case("while", lambda x: loop(lambda i, y: i < 5, lambda i, y: (i + 1, y * 1.5 + x), [0, x]), f(3))
case("while_data", lambda x: loop(lambda y: tf.reduce_sum(y) < 100.0, lambda y: y * 2.0 + 1.0, [x])[0], f(3, low=0.0))
more("while_data", f(3, low=50.0, high=60.0))
case("while_never", lambda n, x: loop(lambda i, y: i < n, lambda i, y: (i + 1, y + 1.0), [0, x])[1], I(0), f(2))
more("while_never", I(3), f(2))
case("while_grows", lambda n, x: loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.concat([y, x], 0)), [0, x], shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])])[1], I(3), f(2))
more("while_grows", I(0), f(2))
case("while_constant_grows", lambda n: loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.concat([y, [1.5]], 0)), [0, tf.constant([0.5])], shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])])[1] * 2.0, I(3))
case("while_shape", lambda x: x * loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.concat([y, [tf.cast(tf.shape(y)[0], tf.float32)]], 0)), [0, tf.constant([0.5])], shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])])[1], np.float32(2))
case("while_nested", lambda x: loop(lambda i, y: i < 3, lambda i, y: (i + 1, loop(lambda j, z: j < i, lambda j, z: (j + 1, z * 2.0 + tf.cast(i, tf.float32)), [0, y])[1]), [0, x])[1], f(2))
case("while_branches", lambda x: loop(lambda i, y: i < 6, lambda i, y: (i + 1, tf.cond(i % 2 > 0, lambda: y * 2.0, lambda: y - x)), [0, x])[1], f(2))
case("while_bounded", lambda x: loop(lambda y: y < 100.0, lambda y: y * 2.0, [x], maximum_iterations=3)[0], np.float32(1))
more("while_bounded", np.float32(40))
case("while_swaps", lambda x, y: dict(zip("ab", loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, b, a + b), [0, x, y])[1:])), f(2), f(2))
case("while_int64", lambda n: loop(lambda i, p: i <= n, lambda i, p: (i + 1, p * i), [tf.constant(1, tf.int64), tf.constant(1, tf.int64)])[1], np.int64(15))
WEIGHT = tf.Variable(f(3, 3))
KEEP.append(WEIGHT)
case("while_weights", lambda x: loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, WEIGHT))), [0, x])[1], f(2, 3))
case("while_known", lambda x: loop(lambda i, y: i < 0, lambda i, y: (i + 1, y + 1.0), [tf.constant(3), x])[1], f(2))
case("fib", lambda n: loop(lambda i, a, b: i < n, lambda i, a, b: (i + 1, b, a + b), [0, 0, 1])[1], I(10))

# Loops over the rows of tensors.
case("map_fn", lambda x: tf.map_fn(lambda row: tf.reduce_sum(row) * row, x), f(4, 3))
more("map_fn", f(1, 2))
case("map_fn_scalars", lambda x: tf.map_fn(lambda v: v * v + 1.0, x), f(5))
more("map_fn_scalars", f(0))
case("map_fn_types", lambda x: tf.map_fn(lambda row: (tf.argmax(row), tf.reduce_max(row)), x, fn_output_signature=(tf.int64, tf.float32)), f(4, 3))
case("map_fn_pairs", lambda x, y: tf.map_fn(lambda p: p[0] * p[1], (x, y), fn_output_signature=tf.float32), f(3, 2), f(3))
case("map_fn_nested", lambda x: tf.map_fn(lambda row: tf.map_fn(lambda v: v * 2.0, row), x), f(3, 2))
case("scan", lambda x: tf.scan(lambda a, b: a * 0.5 + b, x), f(4, 3))
case("scan_start", lambda x: tf.scan(lambda a, b: a * 0.5 + b, x, initializer=tf.constant(1.0)), f(4))
case("scan_reverse", lambda x: tf.scan(lambda a, b: a * 0.5 + b, x, reverse=True), f(4, 3))
case("scan_reverse_start", lambda x: tf.scan(lambda a, b: a * 0.5 + b, x, initializer=tf.constant(1.0), reverse=True), f(4))
case("foldl", lambda x: tf.foldl(lambda a, b: a * 0.5 + b, x), f(4, 3))
case("vectorized_map", lambda x: tf.vectorized_map(lambda row: tf.reduce_sum(row) * row, x), f(4, 3))


def arrays(n, fn, dtype=tf.float32, **kw):
    return fn(tf.TensorArray(dtype, size=n, **kw))


case("array", lambda x: arrays(3, lambda a: a.write(0, x).write(2, x * 2.0).stack(), element_shape=[2]), f(2))
case("array_read", lambda x, i: arrays(0, lambda a: a.unstack(x).read(i)), f(3, 2), I(1))
more("array_read", f(3, 2), I(3))
more("array_read", f(3, 2), I(-1))
case("array_gather", lambda x: arrays(0, lambda a: a.unstack(x).gather([2, 0])), f(3, 2))
case("array_scatter", lambda x: arrays(4, lambda a: a.scatter([2, 0, 1, 3], x).stack()), f(4, 2))
case("array_concat", lambda x: arrays(0, lambda a: a.unstack(x).concat()), f(3, 2, 2))
case("array_split", lambda x: arrays(2, lambda a: a.split(x, [2, 2]).read(1)), f(4, 3))
case("array_size", lambda x: arrays(0, lambda a: a.unstack(x).size()), f(3, 2))
FIBONACCI = lambda n, kw: loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, a.read(i - 1) + a.read(i - 2))), [2, tf.TensorArray(tf.float32, size=n, clear_after_read=False, **kw).write(0, 1.0).write(1, 2.0)])[1].stack()
case("array_recurrence", lambda n: FIBONACCI(n, {"element_shape": []}), I(8))
case("array_every_other", lambda n: loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i * 2, tf.cast(i, tf.float32))), [0, tf.TensorArray(tf.float32, size=2 * n, element_shape=[])])[1].stack(), I(3))
case("array_part", lambda n, x: loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, x * tf.cast(i, tf.float32))), [1, tf.TensorArray(tf.float32, size=5)])[1].stack(), I(3), f(2))
more("array_part", I(5), f(2))
more("array_part", I(6), f(2))
more("array_part", I(0), f(2))
case("array_shrinking", lambda n: loop(lambda i, n, a: i < n, lambda i, n, a: (i + 1, n - 1, a.write(i, tf.cast(n, tf.float32))), [0, n, tf.TensorArray(tf.float32, size=n, element_shape=[])])[2].stack(), I(5))
case("array_dynamic", lambda n, x: loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, x)), [0, tf.TensorArray(tf.float32, size=0, dynamic_size=True)])[1].stack(), I(3), f(2))
case("array_branch", lambda n: loop(lambda i, a: i < n, lambda i, a: (i + 1, tf.cond(i % 2 > 0, lambda: a.write(i, 5.0), lambda: a)), [0, tf.TensorArray(tf.float32, size=n, element_shape=[])])[1].stack(), I(5))


def pushed(n, x):
    start = raw.EmptyTensorList(element_shape=[-1], max_num_elements=-1, element_dtype=tf.float32)
    _, grown = loop(lambda i, l: i < n, lambda i, l: (i + 1, raw.TensorListPushBack(input_handle=l, tensor=x * tf.cast(i, tf.float32))), [0, start])
    rest, last = raw.TensorListPopBack(input_handle=grown, element_shape=[-1], element_dtype=tf.float32)
    return {
        "last": last,
        "length": raw.TensorListLength(input_handle=rest),
        "rest": raw.TensorListStack(input_handle=rest, element_shape=[-1], element_dtype=tf.float32),
    }


case("list_push", pushed, I(3), f(2))
more("list_push", I(0), f(2))


# Recurrent layers.
def keep(made, *inputs):
    """Variables that are made while a function is traced are nobody's."""
    made(*inputs)
    KEEP.extend(variable.value for variable in made.variables)
    return made


def layer(name, build, *inputs, specs=None):
    made = keep(build(), *inputs)
    case(name, lambda *xs: made(*xs), *inputs, specs=specs)


def spec(*shape, dtype=tf.float32):
    return [tf.TensorSpec(shape, dtype, "x0")]


L = keras.layers
SEQUENCE = spec(None, None, 3)
for kind in ("SimpleRNN", "LSTM", "GRU"):
    make_layer = getattr(L, kind)
    layer(kind, lambda: make_layer(4, bias_initializer="normal"), f(2, 5, 3), specs=spec(None, 5, 3))
    layer(f"{kind}_sequences", lambda: make_layer(4, return_sequences=True, bias_initializer="normal"), f(2, 5, 3), specs=SEQUENCE)
    more(f"{kind}_sequences", f(1, 1, 3))
    more(f"{kind}_sequences", f(0, 2, 3))
    more(f"{kind}_sequences", f(2, 0, 3))
    if kind == "SimpleRNN":
        continue
    layer(f"{kind}_backwards", lambda: make_layer(3, return_sequences=True, return_state=True, go_backwards=True), f(2, 4, 3), specs=SEQUENCE)
layer("LSTM_unrolled", lambda: L.LSTM(3, unroll=True), f(2, 3, 3), specs=spec(None, 3, 3))
layer("LSTM_odd", lambda: L.LSTM(4, activation="relu", recurrent_activation="hard_sigmoid", use_bias=False), f(2, 5, 3), specs=SEQUENCE)
layer("GRU_reset_before", lambda: L.GRU(4, reset_after=False, return_sequences=True), f(2, 5, 3), specs=SEQUENCE)
layer("GRU_no_bias", lambda: L.GRU(4, use_bias=False), f(2, 5, 3), specs=SEQUENCE)
layer("bidirectional", lambda: L.Bidirectional(L.LSTM(3, return_sequences=True)), f(2, 4, 3), specs=SEQUENCE)
layer("bidirectional_sum", lambda: L.Bidirectional(L.GRU(3), merge_mode="sum"), f(2, 4, 3), specs=SEQUENCE)
layer("stacked_cells", lambda: L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_sequences=True), f(2, 4, 3), specs=SEQUENCE)
layer("time_distributed", lambda: L.TimeDistributed(L.Dense(2)), f(2, 4, 3), specs=spec(None, 4, 3))
layer("ConvLSTM1D", lambda: L.ConvLSTM1D(2, 3, padding="same"), f(1, 3, 5, 2), specs=spec(None, None, 5, 2))
layer("ConvLSTM2D", lambda: L.ConvLSTM2D(2, 3, return_sequences=True), f(1, 3, 5, 5, 1), specs=spec(None, None, 5, 5, 1))


class Almost(L.Layer):
    """A cell that differs from Keras' own in one place."""

    def __init__(self, units, gates):
        super().__init__()
        self.state_size = units if gates == 3 else [units, units]
        self.output_size, self.gates = units, gates

    def build(self, shape):
        width = self.output_size * self.gates
        self.kernel = self.add_weight(shape=(shape[-1], width), name="kernel")
        self.inner = self.add_weight(shape=(self.output_size, width), name="inner")

    def call(self, x, states):
        if self.gates == 4:
            h, c = states
            i, f, g, o = tf.split(tf.matmul(x, self.kernel) + tf.matmul(h, self.inner), 4, 1)
            c = tf.sigmoid(f) * c + tf.sigmoid(f) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            return h, [h, c]
        h, units = states[0], self.output_size
        a, b = tf.split(tf.matmul(x, self.kernel), 3, 1), tf.matmul(h, self.inner)
        z, r = tf.sigmoid(a[0] + b[:, :units]), tf.sigmoid(a[1] + b[:, units : 2 * units])
        h = z * h + (2.0 - z) * tf.tanh(a[2] + r * b[:, 2 * units :])
        return h, [h]


layer("almost_LSTM", lambda: L.RNN(Almost(3, 4), return_sequences=True), f(2, 4, 3), specs=SEQUENCE)
layer("almost_GRU", lambda: L.RNN(Almost(3, 3)), f(2, 4, 3), specs=SEQUENCE)


def masked(name, inner):
    made = keras.Sequential([L.Masking(0.0), inner])
    keep(made, f(1, 4, 3))
    x = f(3, 4, 3)
    x[0, 2:] = 0
    x[1, :1] = 0
    x[2] = 0
    case(name, lambda x: made(x), x, specs=SEQUENCE)


masked("LSTM_masked", L.LSTM(3, return_sequences=True))
masked("GRU_masked_zeros", L.RNN(L.GRUCell(3), return_sequences=True, zero_output_for_mask=True))
masked("bidirectional_masked", L.Bidirectional(L.GRU(2, return_sequences=True)))
words = keras.Sequential([L.Embedding(7, 3, mask_zero=True), L.LSTM(3), L.Dense(2, activation="softmax")])
keep(words, np.array([[1, 2]]))
case("embedded_masked", lambda x: words(x), np.array([[1, 2, 0, 0], [3, 4, 5, 6]]), specs=spec(None, None, dtype=tf.int64))


STATEFUL = keep(L.LSTM(3, return_sequences=True), f(1, 4, 3))
case("LSTM_state", lambda x, h, c: STATEFUL(x, initial_state=[h, c]), f(2, 4, 3), f(2, 3), f(2, 3), specs=[tf.TensorSpec([None, None, 3], tf.float32, "x0")] + [tf.TensorSpec([None, 3], tf.float32, f"x{i}") for i in (1, 2)])

# What must not be lowered.
case("refused_array_shape", lambda n, x: loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, a.read(i - 1) + x)), [1, tf.TensorArray(tf.float32, size=n, clear_after_read=False)])[1].stack(), I(1), f(2))
case("refused_state_type", lambda x: tf.linalg.det(tf.map_fn(lambda row: tf.linalg.det(row), x)[None, None]), f(1, 2, 2))

make(CASES, KEEP)
