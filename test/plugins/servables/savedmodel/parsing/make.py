"""Makes `model/` and `golden.json` beside this file: signatures that parse examples, and what TensorFlow answers.

Python 3.11 with tensorflow-cpu 2.21. Run in this folder: python make.py
"""

import base64
import json
import os
import re
import shutil

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

Fixed, Padded, Sparse = tf.io.FixedLenFeature, tf.io.FixedLenSequenceFeature, tf.io.VarLenFeature
raw = tf.raw_ops


def example(**features) -> bytes:
    made = {}
    for name, values in features.items():
        if values is None:
            made[name] = tf.train.Feature()
        elif values and isinstance(values[0], bytes):
            made[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        elif values and isinstance(values[0], float):
            made[name] = tf.train.Feature(float_list=tf.train.FloatList(value=values))
        else:
            made[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    return tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString(deterministic=True)


def every(examples):
    parsed = tf.io.parse_example(
        examples,
        {
            "f": Fixed([2], tf.float32),
            "i": Fixed([], tf.int64, 7),
            "s": Fixed([2], tf.string, ["p", "q"]),
            "m": Fixed([2, 2], tf.int64, [[1, 2], [3, 4]]),
            "rows": Padded([2], tf.int64, allow_missing=True, default_value=-1),
            "words": Padded([], tf.string, allow_missing=True, default_value="-"),
            "tags": Sparse(tf.string),
            "marks": Sparse(tf.float32),
            "unused": Sparse(tf.int64),
        },
    )
    marks = parsed["marks"]
    return {
        "f": parsed["f"] * 2,
        **{key: parsed[key] for key in ("i", "s", "m", "rows", "words")},
        "tags": tf.sparse.to_dense(parsed["tags"], "none"),
        "marks": tf.sparse.to_dense(marks, -1.0),
        "at": marks.indices,
        "shape": marks.dense_shape,
    }


def old(examples):
    parsed = raw.ParseExample(
        serialized=tf.identity(examples),
        names=tf.constant([], tf.string),
        sparse_keys=[tf.constant("tags")],
        dense_keys=[tf.constant("i"), tf.constant("f")],
        dense_defaults=[tf.constant(5, tf.int64), tf.constant([], tf.float32)],
        sparse_types=[tf.string],
        dense_shapes=[[], [2]],
    )
    return {"i": parsed.dense_values[0], "f": parsed.dense_values[1], "tags": parsed.sparse_values[0]}


def several(examples):
    first = tf.io.parse_example(examples, {"f": Fixed([2], tf.float32)})
    second = tf.io.parse_example(examples, {"i": Fixed([], tf.int64, -1)})
    return {"f": first["f"], "i": second["i"], "examples": tf.identity(examples), "count": tf.size(examples)}


def again(examples):
    return every(examples)


def refused_ragged(examples):
    parsed = tf.io.parse_example(examples, {"r": tf.io.RaggedFeature(tf.int64), "f": Fixed([2], tf.float32)})
    return {"f": parsed["f"], "r": parsed["r"].values}


def refused_sparse(examples):
    return {"y": tf.sparse.reduce_sum(tf.io.parse_example(examples, {"v": Sparse(tf.float32)})["v"], 1)}


def refused_computed(examples):
    return {"f": tf.io.parse_example(tf.reshape(examples, [-1]), {"f": Fixed([2], tf.float32)})["f"]}


whole = example(
    f=[1.0, 2.0], i=[3], s=[b"a", b""], m=[5, 6, 7, 8], rows=[1, 2, 3, 4], words=[b"x"], tags=[b"t", b"u"], marks=[0.5]
)
bare = example(f=[-1.0, 0.25])
more = example(f=[0.0, 1.0], rows=[9, 9], words=[b"y", b"\xff\x00", b""], marks=[1.0, 2.0, 3.0], other=[b"z"])
cases = {
    "every": [
        [whole],
        [whole, bare, more],
        [bare, bare],
        [],
        [example(f=[1.0, 2.0]) + example(f=None, i=[9])],
        [example(f=[1.0, 2.0], tags=[b"1"]) + example(f=[3.0, 4.0], tags=[b"2", b"3"])],
        [bare, example(i=[1])],
        [b""],
        [bare, example(f=[1, 2])],
        [example(f=[1.0])],
        [example(f=[1.0, 2.0, 3.0])],
        [example(f=[1.0, 2.0], i=[b"1"])],
        [example(f=[1.0, 2.0], i=[])],
        [example(f=[1.0, 2.0], s=[b"1"])],
        [example(f=[1.0, 2.0], s=[b"1", b"2", b"3"])],
        [example(f=[1.0, 2.0], m=[1, 2])],
        [example(f=[1.0, 2.0], rows=[1, 2, 3])],
        [example(f=[1.0, 2.0], rows=[1.0])],
        [example(f=[1.0, 2.0], tags=[1])],
        [example(f=[1.0, 2.0], unused=[b"1"])],
        [example(f=[1], i=[1.0])],
        [example(i=[1.0])],
        [b"no example"],
    ],
    "old": [[whole, bare], [example(i=[1])], [example(f=[1.0, 2.0], tags=[1])]],
    "several": [[whole, bare]],
    # The same graph as one before: they share a session.
    "again": [[whole, bare], [bare, example(i=[1])]],
}
DTYPES = {tf.float32: "float32", tf.int64: "int64", tf.int32: "int32", tf.string: "string"}


def golden(value):
    flat = value.numpy().flatten().tolist()
    if value.dtype == tf.string:
        flat = [base64.b64encode(item).decode() for item in flat]
    if value.dtype == tf.int64:
        flat = [str(item) for item in flat]
    return {"dtype": DTYPES[value.dtype], "shape": value.shape.as_list(), "data": flat}


def answer(run, rows):
    examples = [base64.b64encode(row).decode() for row in rows]
    try:
        outputs = run(examples=tf.constant(rows, tf.string))
        return {"examples": examples, "outputs": {name: golden(value) for name, value in sorted(outputs.items())}}
    except tf.errors.InvalidArgumentError as error:
        text = re.search(r"((Name: |Could not parse).*?)(\n|\s*\[)?(\t \[\[|\[\[|\n|$)", error.message).group(1)
        return {"examples": examples, "error": text.strip()}


def main():
    module = tf.Module()
    functions = [every, old, several, again, refused_ragged, refused_sparse, refused_computed]
    spec = tf.TensorSpec([None], tf.string, "examples")
    signatures = {fn.__name__: tf.function(fn, input_signature=[spec]) for fn in functions}
    shutil.rmtree("model", ignore_errors=True)
    tf.saved_model.save(module, "model", signatures=signatures)
    shutil.rmtree("model/assets", ignore_errors=True)
    loaded = tf.saved_model.load("model")
    made = {name: [answer(loaded.signatures[name], rows) for rows in each] for name, each in cases.items()}
    with open("golden.json", "w") as file:
        json.dump(made, file, separators=(",", ":"))
        file.write("\n")


main()
