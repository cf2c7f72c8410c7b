"""Makes `tf1/` and `golden_tf1.json` beside this file: the loops and branches of TensorFlow 1's graphs.

Python 3.11 with tensorflow-cpu 2.21. Run in this folder: python make_tf1.py
"""

import json
import shutil
import sys

sys.path.insert(0, "..")
from golden_model import answers, np, open_copy_of, slim, tf

v1 = tf.compat.v1
v1.disable_control_flow_v2()
rng = np.random.default_rng(3)
CASES = {}


def f(*shape, low=-2.0, high=2.0):
    return rng.uniform(low, high, shape).astype("float32")


def case(name, fn, *calls):
    CASES[name] = (fn, calls)


I = np.int32
YES, NO = np.array(True), np.array(False)


def both(p, x):
    a, b = tf.cond(p, lambda: (x * 2.0, tf.constant(1.0)), lambda: (x - 1.0, tf.constant(2.0)))
    return a + b


def asserted(x):
    with tf.control_dependencies([v1.Assert(tf.reduce_all(x > 0), [x])]):
        return tf.identity(x) * 2.0


def loop(cond, body, state):
    return tf.while_loop(cond, body, state)


case("cond", lambda p, x: tf.cond(p, lambda: x * 2.0, lambda: tf.reduce_sum(x) + x), (YES, f(3)), (NO, f(2)))
case("cond_two", both, (YES, f(3)), (NO, f(3)))
case("cond_constants", lambda p, x: tf.cond(p, lambda: tf.constant(1.0), lambda: tf.constant(-1.0)) * x, (YES, f(3)), (NO, f(3)))
case("cond_pass", lambda p, x: tf.cond(p, lambda: x, lambda: -x), (YES, f(3)), (NO, f(3)))
case("cond_nested", lambda p, x: tf.cond(p, lambda: tf.cond(tf.reduce_sum(x) > 0, lambda: x * 10.0, lambda: x * 100.0), lambda: x), (YES, f(2, low=0.1)), (YES, f(2, high=-0.1)), (NO, f(2)))
case("cond_nested_constants", lambda p, q: tf.cond(p, lambda: tf.cond(q, lambda: tf.constant(1.0), lambda: tf.constant(2.0)), lambda: tf.constant(3.0)), (YES, YES), (YES, NO), (NO, YES))
case("cond_after_cond", lambda p, x: tf.cond(p, lambda: tf.abs(x), lambda: x) + tf.cond(tf.cond(p, lambda: x, lambda: -x)[0] > 0, lambda: x, lambda: x * 3.0), (YES, f(2)), (NO, f(2)))
case("learning_phase", lambda x: tf.cond(v1.placeholder_with_default(False, []), lambda: x * 0.0, lambda: x + 1.0), (f(3),))
case("case", lambda x: v1.case([(x > 2, lambda: x * 10.0), (x > 1, lambda: -x)], default=lambda: x * x), (np.float32(3),), (np.float32(1.5),), (np.float32(0.5),))
case("assert", asserted, (f(3, low=0.1),), (f(3, high=-0.1),))
case("assert_branch", lambda p, x: tf.cond(p, lambda: asserted(x), lambda: x), (YES, f(2, low=0.1)), (YES, f(2, high=-0.1)), (NO, f(2, high=-0.1)))

case("while", lambda x: loop(lambda i, y: i < 5, lambda i, y: (i + 1, y * 1.5 + x), [0, x])[1], (f(3),))
case("while_never", lambda n, x: loop(lambda i, y: i < n, lambda i, y: (i + 1, y + 1.0), [0, x])[1], (I(0), f(2)), (I(3), f(2)))
case("while_outputs", lambda x, y: tf.add_n([a * w for a, w in zip(loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, b, a + b), [0, x, y])[1:], (1.0, 10.0))]), (f(2), f(2)))
case("while_nested", lambda x: loop(lambda i, y: i < 3, lambda i, y: (i + 1, loop(lambda j, z: j < i, lambda j, z: (j + 1, z * 2.0 + tf.cast(i, tf.float32)), [0, y])[1]), [0, x])[1], (f(2),))
case("while_branches", lambda x: loop(lambda i, y: i < 6, lambda i, y: (i + 1, tf.cond(i % 2 > 0, lambda: y * 2.0, lambda: y - x)), [0, x])[1], (f(2),))
case("branch_loops", lambda p, x: tf.cond(p, lambda: loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), [0, x])[1], lambda: x), (YES, f(2)), (NO, f(2)))
case("while_asserts", lambda x: loop(lambda i, y: i < 4, lambda i, y: (i + 1, asserted(y) - 1.0), [0, x])[1], (np.float32(5),), (np.float32(0.7),))
WEIGHT = f(3, 3)
case("while_weights", lambda x: loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, v1.get_variable("w", initializer=WEIGHT)))), [0, x])[1], (f(2, 3),))

case("map_fn", lambda x: tf.map_fn(lambda row: tf.reduce_sum(row) * row, x), (f(4, 3),), (f(1, 2),))
case("scan", lambda x: tf.scan(lambda a, b: a * 0.5 + b, x), (f(4, 3),))
case("scan_reverse", lambda x: tf.scan(lambda a, b: a * 0.5 + b, x, reverse=True), (f(4, 3),))
case("array", lambda x: (lambda a: a.write(0, x).write(1, x * 2.0).stack())(tf.TensorArray(tf.float32, 2)), (f(2),))
case("array_read", lambda x, i: tf.TensorArray(tf.float32, 3).unstack(x).read(i), (f(3, 2), I(1)), (f(3, 2), I(3)))
case("array_size", lambda x: (lambda a: tf.raw_ops.TensorArraySizeV3(handle=a.handle, flow_in=a.flow))(tf.TensorArray(tf.float32, 3).unstack(x)), (f(3, 2),))


def recurrent(x, lengths):
    """What `dynamic_rnn` writes: gates in one product, states kept behind the end of a sequence."""
    kernel, bias = v1.get_variable("kernel", initializer=f(5, 8)), v1.get_variable("bias", initializer=f(8))
    rows = tf.transpose(x, [1, 0, 2])
    steps, batch = tf.shape(rows)[0], tf.shape(rows)[1]
    entries = tf.TensorArray(tf.float32, steps).unstack(rows)
    exits = tf.TensorArray(tf.float32, steps)
    zero = tf.zeros([batch, 2])

    def turn(time, c, h, out):
        gates = tf.matmul(tf.concat([entries.read(time), h], 1), kernel) + bias
        i, j, o, g = tf.split(gates, 4, 1)
        c_new = c * tf.sigmoid(g + 1.0) + tf.sigmoid(i) * tf.tanh(j)
        h_new = tf.sigmoid(o) * tf.tanh(c_new)
        done = tf.tile(tf.expand_dims(time >= lengths, 1), [1, 2])
        return time + 1, tf.where(done, c, c_new), tf.where(done, h, h_new), out.write(time, tf.where(done, zero, h_new))

    _, c, h, out = loop(lambda time, *_: time < steps, turn, (0, zero, zero, exits))
    return tf.transpose(out.stack(), [1, 0, 2]) + tf.expand_dims(c + h, 1)


case("dynamic_rnn", recurrent, (f(2, 4, 3), np.array([4, 2], "int32")), (f(1, 2, 3), np.array([0], "int32")))


def main():
    graph = tf.Graph()
    signatures = {}
    with graph.as_default():
        for name, (fn, calls) in CASES.items():
            with v1.variable_scope(name):
                feeds = [v1.placeholder(np.asarray(each).dtype, [None] * np.ndim(each)) for each in calls[0]]
                result = fn(*feeds)
            inputs = {f"x{i}": each for i, each in enumerate(feeds)}
            signatures[name] = v1.saved_model.signature_def_utils.predict_signature_def(inputs, {"y": result})
        session = v1.Session(graph=graph)
        session.run(v1.global_variables_initializer())
        shutil.rmtree("tf1", ignore_errors=True)
        builder = v1.saved_model.Builder("tf1")
        builder.add_meta_graph_and_variables(session, ["serve"], signatures)
        builder.save()
    slim("tf1/saved_model.pb")
    session = v1.Session(graph=tf.Graph())
    with session.graph.as_default(), open_copy_of("tf1") as path:
        meta = v1.saved_model.load(session, ["serve"], path)
    written = {
        name: {"signature": name, "cases": [answers(session, meta.signature_def[name], call) for call in calls]}
        for name, (_, calls) in CASES.items()
    }
    with open("golden_tf1.json", "w") as file:
        json.dump(written, file, separators=(",", ":"))
    print(len(CASES), "signatures")


main()
