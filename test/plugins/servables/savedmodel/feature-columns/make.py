"""Makes `model/` and `golden.json` beside this file: TensorFlow 1's feature columns behind a parse of examples.

Python 3.11 with tensorflow-cpu 2.21. Run in this folder: python make.py
"""

import base64
import json
import os
import shutil
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import tensorflow as tf

sys.path.insert(0, "..")
from golden_model import golden

v1, fc = tf.compat.v1, tf.feature_column
words = "words.txt"
with open(words, "w") as file:
    file.write("red\ngreen\nblue\n")

age = fc.bucketized_column(fc.numeric_column("age"), [18, 30, 50])
color = fc.categorical_column_with_vocabulary_list("color", ["red", "green"], num_oov_buckets=1)
paint = fc.categorical_column_with_vocabulary_file("paint", words, num_oov_buckets=2)
city = fc.categorical_column_with_hash_bucket("city", 100)
number = fc.categorical_column_with_identity("number", 10)
cross = fc.crossed_column(["city", "color"], 50)
deep = [
    fc.numeric_column("age"),
    age,
    fc.indicator_column(color),
    fc.indicator_column(paint),
    fc.indicator_column(number),
    fc.embedding_column(city, 3),
    fc.embedding_column(cross, 2, combiner="sqrtn"),
    fc.embedding_column(color, 2, combiner="sum"),
]


def example(**features):
    made = {}
    for name, values in features.items():
        if isinstance(values[0], bytes):
            made[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        elif isinstance(values[0], float):
            made[name] = tf.train.Feature(float_list=tf.train.FloatList(value=values))
        else:
            made[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    return tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString(deterministic=True)


rows = [
    example(age=[25.0], color=[b"red"], paint=[b"blue"], city=[b"oslo"], number=[3]),
    example(age=[60.0], color=[b"zzz", b"green"], paint=[b"pink"], city=[b"rome", b"nice", b"rome"], number=[9, 0]),
    example(age=[18.0]),
]
calls = [rows, rows[2:], [rows[0]] * 5, [], [example(color=[b"red"])]]

with v1.Graph().as_default(), v1.Session() as session:
    v1.set_random_seed(3)
    examples = v1.placeholder(tf.string, [None], name="examples")
    features = v1.io.parse_example(examples, fc.make_parse_example_spec(deep))
    outputs = {
        "deep": v1.feature_column.input_layer(features, deep),
        "wide": v1.feature_column.linear_model(features, [age, city, cross], sparse_combiner="mean"),
    }
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    for variable in v1.global_variables():
        session.run(variable.assign(tf.random.stateless_normal(variable.shape, [1, len(variable.name)])))
    shutil.rmtree("model", ignore_errors=True)
    builder = v1.saved_model.Builder("model")
    signature = v1.saved_model.predict_signature_def({"examples": examples}, outputs)
    assets = v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS)
    builder.add_meta_graph_and_variables(
        session, ["serve"], {"serving_default": signature}, main_op=v1.tables_initializer(), assets_collection=assets
    )
    builder.save()
    cases = []
    for call in calls:
        case = {"examples": [base64.b64encode(each).decode() for each in call]}
        try:
            found = session.run(outputs, {examples: call})
            case["outputs"] = {key: golden(value) for key, value in found.items()}
        except tf.errors.OpError as error:
            case["error"] = error.message.split("\n\t [[")[0].split("\n")[-1]
            print(case["error"])
        cases.append(case)
os.remove(words)
with open("golden.json", "w") as file:
    json.dump(cases, file, separators=(",", ":"))
