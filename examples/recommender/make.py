"""Makes what the example serves: two versions of four models, and events that neither was trained on.

    python make.py          # needs numpy, pandas and tensorflow; about a minute

A small world of readers and articles says who clicks on what. Version 1 was trained early, on few events, and does not
know the newest articles and readers; version 2 saw the rest. Everything is seeded: the same files come out again.
"""

import json
import os
import shutil
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
TOPICS = {
    "politics": "vote senate minister budget treaty reform party law campaign border",
    "sport": "match league goal coach final stadium season injury record marathon",
    "tech": "chip robot software startup browser cloud battery satellite code privacy",
    "finance": "bank rates stocks bond inflation merger profit startup tax market",
    "health": "vaccine sleep heart clinic diet nurse therapy study virus surgery",
    "travel": "island train hotel beach border passport mountain festival flight museum",
    "food": "bread chef market harvest recipe coffee spice vineyard diet kitchen",
    "film": "actor director festival trailer studio award drama camera cinema sequel",
}
COMMON = "new why how after before five says big first today".split()
DEVICES = ["phone", "tablet", "desktop"]
HOUR_OF = {"politics": 8, "sport": 20, "tech": 11, "finance": 7, "health": 9, "travel": 18, "food": 17, "film": 21}
WORDS = 6  # of a title
WIDTH = 8  # of an embedding, and one more for the weight that stands alone
OOV = 8
EPOCH = np.datetime64("2026-03-02T00:00:00")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class World:
    def __init__(self, rng, users=400, items=240):
        names = list(TOPICS)
        self.topic = rng.integers(0, len(names), items)
        self.quality = rng.normal(0, 0.7, items)
        self.titles, self.slugs = [], []
        for i, topic in enumerate(self.topic):
            own = rng.choice(TOPICS[names[topic]].split(), 3, replace=False)
            filler = rng.choice(COMMON, rng.integers(1, 3), replace=False)
            words = list(rng.permutation([*own, *filler]))
            self.titles.append(" ".join(words).capitalize() + ("?" if words[0] in ("why", "how") else ""))
            self.slugs.append("-".join([*own, f"{i:03d}"]))
        self.users = [f"u{i:04d}" for i in range(users)]
        self.interest = rng.dirichlet(np.full(len(names), 0.35), users) * 4 - 0.8
        self.hour = np.array([HOUR_OF[name] for name in names])
        self.device_of_user = rng.integers(0, 3, users)

    def events(self, rng, count, users, items):
        user, item = rng.integers(0, users, count), rng.integers(0, items, count)
        minute = rng.integers(0, 28 * 24 * 60, count)
        device = np.where(rng.random(count) < 0.8, self.device_of_user[user], rng.integers(0, 3, count))
        age = np.round(rng.exponential(30, count), 1)
        away = np.abs((minute / 60) % 24 - self.hour[self.topic[item]])
        near = np.cos(np.minimum(away, 24 - away) / 24 * 2 * np.pi)
        logit = -1.2 + 1.3 * self.interest[user, self.topic[item]] + self.quality[item] + 0.6 * near
        logit += np.where(device == 0, 0.2, -0.1) - 0.35 * np.log1p(age)
        return {
            "user": [self.users[u] for u in user],
            "item": [self.slugs[i] for i in item],
            "title": [self.titles[i] for i in item],
            "device": [DEVICES[d] for d in device],
            "seen": [str(EPOCH + np.timedelta64(int(m), "m")) + "Z" for m in minute],
            "age_hours": np.where(rng.random(count) < 0.05, np.nan, age).astype(np.float32),
            "clicked": (rng.random(count) < sigmoid(logit)).astype(np.float32),
        }


def tokens_of(events):
    """As the transform writes them: user, item, device and the words of the title."""
    rows = []
    for user, item, device, title in zip(events["user"], events["item"], events["device"], events["title"]):
        words = title.lower().replace("?", "").split()[:WORDS]
        rows.append([user, item, device, *words, *[""] * (WORDS - len(words))])
    return np.array(rows)


def dense_of(events, fitted):
    age = np.nan_to_num(events["age_hours"], nan=fitted["median"])
    logged = np.log1p(age.astype(np.float64))
    seen = np.array([np.datetime64(text[:-1]) for text in events["seen"]])
    day = (seen - seen.astype("datetime64[D]")).astype("timedelta64[s]").astype(float) / 86400 * 2 * np.pi
    columns = [(logged - fitted["mean"]) / fitted["std"], np.sin(day), np.cos(day)]
    return np.stack(columns, axis=1).astype(np.float32)


def fit(events):
    median = float(np.nanmedian(events["age_hours"]))
    logged = np.log1p(np.nan_to_num(events["age_hours"], nan=median).astype(np.float64))
    return {"median": median, "mean": float(logged.mean()), "std": float(logged.std())}


TRANSFORM = """\
# Raw events in, tokens and numbers out. The values were fitted to the events that this version was trained on.
inputs:
  user: string
  item: string
  title: string
  device: string
  seen: string                 # 2026-03-02T07:30:00Z
  age_hours: float32           # of the article; -1 where nobody knows
steps:
  - {{ op: normalize-text, from: title, to: plain, lower: unicode, punctuation: remove }}
  - {{ op: split, from: plain, to: words, length: {words} }}
  - {{ op: concat, from: [user, item, device, words], to: tokens }}
  - {{ op: impute, from: age_hours, to: age, strategy: median, missing: -1, value: {median} }}
  - {{ op: log1p, from: age, to: age_log }}
  - {{ op: standardize, from: age_log, to: age_z, mean: {mean}, std: {std} }}
  - {{ op: date, from: seen, to: [day_sin, day_cos], cycles: [day] }}
  - {{ op: concat, from: [age_z, day_sin, day_cos], to: dense }}
outputs: [tokens, dense]
"""


class DeepFM(tf.Module):
    """Guo et al., 2017. It is given the vectors: what looks them up is a model of its own."""

    def __init__(self, fields, dense):
        super().__init__()
        shapes = [(fields * WIDTH + dense, 32), (32, 16), (16, 1)]
        self.weights = [tf.Variable(tf.random.normal(shape, stddev=shape[0] ** -0.5)) for shape in shapes]
        self.biases = [tf.Variable(tf.zeros(shape[1:])) for shape in shapes]
        self.linear = tf.Variable(tf.zeros([dense, 1]))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 3 + WORDS, WIDTH + 1], tf.float32, name="fields"),
            tf.TensorSpec([None, 3], tf.float32, name="dense"),
        ]
    )
    def __call__(self, fields, dense):
        vectors, alone = fields[:, :, :WIDTH], fields[:, :, WIDTH]
        first = tf.reduce_sum(alone, axis=1, keepdims=True) + dense @ self.linear
        square_of_sum = tf.square(tf.reduce_sum(vectors, axis=1))
        sum_of_squares = tf.reduce_sum(tf.square(vectors), axis=1)
        second = 0.5 * tf.reduce_sum(square_of_sum - sum_of_squares, axis=1, keepdims=True)
        deep = tf.concat([tf.reshape(vectors, [-1, (3 + WORDS) * WIDTH]), dense], axis=1)
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            deep = deep @ weight + bias
            if i < 2:
                deep = tf.nn.relu(deep)
        return {"score": tf.sigmoid(first + second + deep)[:, 0]}


def train(events, version, epochs):
    fitted = fit(events)
    tokens, dense = tokens_of(events), dense_of(events, fitted)
    vocabulary = sorted(set(tokens.ravel()) - {""})
    table = tf.lookup.StaticVocabularyTable(
        tf.lookup.KeyValueTensorInitializer(vocabulary, np.arange(len(vocabulary), dtype=np.int64)), OOV
    )
    ids, clicked = table.lookup(tf.constant(tokens)), tf.constant(events["clicked"])
    # Now and then a token is forgotten, so that the buckets learn what an unknown one is worth.
    buckets = len(vocabulary) + tf.random.uniform(ids.shape, 0, OOV, tf.int64)
    model = DeepFM(tokens.shape[1], dense.shape[1])
    vectors = tf.Variable(tf.random.normal([len(vocabulary) + OOV, WIDTH + 1], stddev=0.05))
    trained = [vectors, *model.trainable_variables]
    optimizer = tf.keras.optimizers.Adam(0.01)

    @tf.function
    def step(at):
        known = tf.random.uniform(tf.shape(tf.gather(ids, at))) > 0.03
        rows = tf.where(known, tf.gather(ids, at), tf.gather(buckets, at))
        with tf.GradientTape() as tape:
            looked_up = tf.gather(vectors, rows)
            score = model(looked_up, tf.gather(dense, at))["score"]
            loss = tf.reduce_mean(tf.keras.losses.binary_crossentropy(tf.gather(clicked, at)[:, None], score[:, None]))
            loss += 2e-3 * tf.reduce_mean(tf.reduce_sum(tf.square(looked_up), axis=[1, 2]))
        optimizer.apply_gradients(zip(tape.gradient(loss, trained), trained))

    for _ in range(epochs):
        for at in tf.data.Dataset.range(len(dense)).shuffle(len(dense), seed=version).batch(256, drop_remainder=True):
            step(at)
    write(version, fitted, vocabulary, vectors.numpy(), model)
    return lambda held: model(
        tf.gather(vectors, table.lookup(tf.constant(tokens_of(held)))), tf.constant(dense_of(held, fitted))
    )["score"].numpy()


def write(version, fitted, vocabulary, vectors, model):
    def folder(name):
        path = HERE / "models" / name / str(version)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    numbers = {name: f"{value:.9g}" for name, value in fitted.items()}
    (folder("features") / "transform.yaml").write_text(TRANSFORM.format(words=WORDS, **numbers))
    (folder("words") / "vocab.txt").write_text("".join(f"{token}\n" for token in vocabulary))
    np.save(folder("vectors") / "embeddings.npy", vectors.astype(np.float32))
    tf.saved_model.save(model, str(folder("ctr")), signatures=model.__call__)
    for extra in ("fingerprint.pb", "assets"):
        path = HERE / "models" / "ctr" / str(version) / extra
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def auc(clicked, score):
    order = np.argsort(score, kind="stable")
    ranks = np.empty(len(score))
    ranks[order] = np.arange(1, len(score) + 1)
    positive = clicked > 0
    return float((ranks[positive].sum() - positive.sum() * (positive.sum() + 1) / 2) / (positive.sum() * (~positive).sum()))


def main():
    rng = np.random.default_rng(7)
    tf.keras.utils.set_random_seed(7)
    world = World(rng)
    early = world.events(rng, 5_000, users=250, items=150)
    late = world.events(rng, 60_000, users=400, items=240)
    held = world.events(rng, 1_000, users=400, items=240)
    v1, v2 = train(early, 1, epochs=6), train(late, 2, epochs=4)
    scores = [v1(held), v2(held)]
    print("AUC", [round(auc(held["clicked"], score), 4) for score in scores])

    data = HERE / "data"
    data.mkdir(exist_ok=True)
    columns = ["user", "item", "title", "device", "seen", "age_hours", "clicked"]
    with open(data / "events.csv", "w") as file:
        file.write(",".join(columns) + "\n")
        for i in range(len(held["clicked"])):
            row = [held[name][i] for name in columns]
            file.write(",".join("" if isinstance(x, np.floating) and np.isnan(x) else f"{x:g}" if isinstance(x, np.floating) else x for x in row) + "\n")
    with open(data / "golden.json", "w") as file:
        json.dump({"auc": [auc(held["clicked"], s) for s in scores], "scores": [[round(float(x), 6) for x in s[:50]] for s in scores]}, file)
    with open(data / "articles.csv", "w") as file:
        file.write("item,title\n")
        file.writelines(f"{slug},{title}\n" for slug, title in zip(world.slugs, world.titles))


if __name__ == "__main__":
    main()
