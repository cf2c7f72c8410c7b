"""Makes what the example serves: boosted trees by scikit-learn, a network by TensorFlow, and loans neither has seen.

    python make.py          # needs numpy, onnx, scikit-learn and tensorflow; about a minute

A small world of loans says which are not paid back: some of it in steps, which trees find, some of it in slopes and
products, which networks find. Everything is seeded: the same files come out again.
"""

import json
import os
import shutil
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import onnx
import tensorflow as tf
from onnx import TensorProto, helper
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score

HERE = Path(__file__).parent
FEATURES = ["income", "amount", "months", "age", "late", "loans", "employed", "rate"]
GOLDEN = 50


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def world(rng, count):
    income = np.round(rng.lognormal(10.4, 0.5, count), -2)
    amount = np.round(rng.lognormal(9.2, 0.7, count), -2)
    months = rng.choice([12, 24, 36, 48, 60, 84], count)
    age = rng.integers(19, 75, count)
    late = rng.poisson(0.7, count)
    loans = rng.poisson(1.2, count)
    employed = np.round(np.minimum(rng.exponential(6, count), age - 18), 1)
    rate = np.round(rng.uniform(2, 14, count), 2)
    burden = amount / months * 12 * (1 + rate / 100 * months / 24) / income
    logit = -1.9 + 1.1 * np.log(burden / 0.15) + 0.12 * (rate - 8) * (loans - 1)
    logit += np.where(late > 2, 1.8, np.where(late > 0, 0.6, 0)) + np.where((age < 25) & (employed < 1), 1.2, 0)
    logit += 0.5 * np.sin(age / 8) - 0.4 * np.sqrt(employed)
    rows = np.stack([income, amount, months, age, late, loans, employed, rate], axis=1).astype(np.float32)
    return rows, (rng.random(count) < sigmoid(logit)).astype(np.int64)


def float32_not_above(value):
    """For float32 inputs, `x <= value` and `x <= this` are the same test."""
    rounded = np.float32(value)
    return float(rounded if float(rounded) <= value else np.nextafter(rounded, np.float32(-np.inf)))


def tree_attributes(model):
    """Of TreeEnsembleRegressor; left is the branch of `x[feature] <= threshold`, as in scikit-learn."""
    nodes = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")}
    leaves = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    for number, (regressor,) in enumerate(model.estimators_):
        tree = regressor.tree_
        for at in range(tree.node_count):
            leaf = tree.children_left[at] < 0
            nodes["treeids"].append(number)
            nodes["nodeids"].append(at)
            nodes["featureids"].append(0 if leaf else int(tree.feature[at]))
            nodes["values"].append(0.0 if leaf else float32_not_above(tree.threshold[at]))
            nodes["modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            nodes["truenodeids"].append(0 if leaf else int(tree.children_left[at]))
            nodes["falsenodeids"].append(0 if leaf else int(tree.children_right[at]))
            if leaf:
                leaves["treeids"].append(number)
                leaves["nodeids"].append(at)
                leaves["ids"].append(0)
                leaves["weights"].append(float(tree.value[at].item() * model.learning_rate))
    prior = model.init_.class_prior_
    return {
        **{f"nodes_{name}": values for name, values in nodes.items()},
        **{f"target_{name}": values for name, values in leaves.items()},
        "base_values": [float(np.log(prior[1] / prior[0]))],
        "n_targets": 1,
    }


def as_onnx(model):
    nodes = [
        helper.make_node("TreeEnsembleRegressor", ["features"], ["logit"], domain="ai.onnx.ml", **tree_attributes(model)),
        helper.make_node("Sigmoid", ["logit"], ["each"]),
        helper.make_node("Reshape", ["each", "flat"], ["default"]),
    ]
    graph = helper.make_graph(
        nodes,
        "trees",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", len(FEATURES)])],
        [helper.make_tensor_value_info("default", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor("flat", TensorProto.INT64, [1], [-1])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    proto = helper.make_model(graph, opset_imports=opsets, ir_version=8, doc_string="features: " + ", ".join(FEATURES))
    onnx.checker.check_model(proto)
    return proto


class Network(tf.Module):
    """It takes the features as they are: its first layer takes logarithms, and standardizes what it was trained on."""

    def __init__(self, rows):
        super().__init__()
        logs = np.log1p(rows)
        self.mean = tf.Variable(logs.mean(axis=0), trainable=False)
        self.std = tf.Variable(logs.std(axis=0), trainable=False)
        sizes = [len(FEATURES), 24, 12, 1]
        self.weights = [tf.Variable(tf.random.normal([a, b], stddev=a**-0.5)) for a, b in zip(sizes, sizes[1:])]
        self.biases = [tf.Variable(tf.zeros([size])) for size in sizes[1:]]

    def logits(self, features):
        values = (tf.math.log1p(features) - self.mean) / self.std
        for weight, bias in zip(self.weights[:-1], self.biases[:-1]):
            values = tf.nn.tanh(values @ weight + bias)
        return (values @ self.weights[-1] + self.biases[-1])[:, 0]

    @tf.function(input_signature=[tf.TensorSpec([None, len(FEATURES)], tf.float32, name="features")])
    def __call__(self, features):
        return {"default": tf.sigmoid(self.logits(features))}


def train(rng, rows, defaulted, epochs=30, batch=100):
    network = Network(rows)
    optimizer = tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(0.005, len(rows) // batch * epochs))

    @tf.function
    def step(features, labels):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, network.logits(features)))
        optimizer.apply_gradients(zip(tape.gradient(loss, network.trainable_variables), network.trainable_variables))

    for _ in range(epochs):
        for at in rng.permutation(len(rows)).reshape(-1, batch):
            step(tf.constant(rows[at]), tf.constant(defaulted[at], tf.float32))
    return network


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def main():
    rng = np.random.default_rng(7)
    tf.keras.utils.set_random_seed(7)
    tf.config.experimental.enable_op_determinism()
    rows, defaulted = world(rng, 6_000)
    held, held_defaulted = world(rng, 2_000)
    models = HERE / "models"

    answers = {}
    for label, (version, count, depth) in {"stable": (1, 25, 2), "canary": (2, 80, 3)}.items():
        trees = GradientBoostingClassifier(
            n_estimators=count, max_depth=depth, learning_rate=0.12, subsample=0.7, random_state=7
        ).fit(rows, defaulted)
        onnx.save(as_onnx(trees), str(fresh(models / "trees" / str(version)) / "model.onnx"))
        answers[f"trees, {label}"] = trees.predict_proba(held)[:, 1]

    network = train(rng, rows, defaulted)
    tf.saved_model.save(network, str(fresh(models / "network" / "1")), signatures=network.__call__)
    for extra in ("fingerprint.pb", "assets"):
        path = models / "network" / "1" / extra
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    answers["network"] = network(tf.constant(held))["default"].numpy().astype(np.float64)
    for label in ("stable", "canary"):
        answers[f"ensemble, {label}"] = (answers[f"trees, {label}"] + answers["network"]) / 2
    print({name: round(roc_auc_score(held_defaulted, each), 4) for name, each in answers.items()})

    data = HERE / "data"
    data.mkdir(exist_ok=True)
    with open(data / "loans.csv", "w") as file:
        file.write(",".join([*FEATURES, "defaulted"]) + "\n")
        file.writelines(",".join(f"{x:.9g}" for x in row) + f",{label}\n" for row, label in zip(held, held_defaulted))
    golden = {name: [round(float(x), 7) for x in each[:GOLDEN]] for name, each in answers.items()}
    auc = {name: round(float(roc_auc_score(held_defaulted, each)), 6) for name, each in answers.items()}
    with open(data / "golden.json", "w") as file:
        json.dump({"default": golden, "auc": auc}, file)


if __name__ == "__main__":
    main()
