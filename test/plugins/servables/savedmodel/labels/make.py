"""Makes `model/` and `golden.json` beside this file: a convolutional network that answers with labels, and TensorFlow's answers.

Python 3.11 with tensorflow-cpu 2.21. Run in this folder: python make.py
"""

import base64
import json
import os
import shutil
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, "..")
from golden_model import golden as numbers
from golden_model import slim

layers = keras.layers
keras.utils.set_random_seed(1)
LABELS = ["ant", "bee", "çat", "", "emu"]

image = keras.Input((8, 8, 3))
x = layers.Conv2D(4, 3, strides=2, use_bias=False)(image)
x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
x = layers.ReLU()(layers.BatchNormalization(center=False)(x))
x = layers.GlobalAveragePooling2D()(layers.Conv2D(6, 1)(x))
network = keras.Model(image, layers.Dense(5, "softmax")(layers.BatchNormalization()(layers.Dense(4)(x))))
colours = np.eye(3, dtype="f4")[:, None, None, :] * np.ones((1, 8, 8, 1), "f4") * 2 - 1
for seed in range(1000):
    random = np.random.RandomState(seed)
    for variable in network.variables:
        low = variable.ndim == 1 and "variance" in variable.path
        variable.assign(random.uniform(0.5, 1.5, variable.shape) if low else random.normal(0, 1, variable.shape))
    if len(set(np.argmax(network(colours, training=False), 1))) == 3:
        break


def golden(value):
    if value.dtype != object:
        return numbers(value)
    items = [base64.b64encode(each).decode() for each in value.ravel()]
    return {"dtype": "string", "shape": list(value.shape), "data": items}


@tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.float32, "image")])
def serve(image):
    p = network(tf.image.resize(image, [8, 8]) / 127.5 - 1.0, training=False)
    return {"p": p, "label": tf.gather(tf.constant(LABELS), tf.argmax(p, 1))}


@tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, "x")])
def rows(x):
    return {"row": tf.gather(tf.constant([["a", "b"], ["c", "d"]]), tf.argmax(tf.nn.relu(x), 1) % 2)}


module = tf.Module()
module.keep = [variable.value for variable in network.variables]
shutil.rmtree("model", ignore_errors=True)
tf.saved_model.save(module, "model", {"serving_default": serve, "rows": rows})
shutil.rmtree("model/assets", ignore_errors=True)
slim("model/saved_model.pb")
random = np.random.RandomState(3)
cases = []
for shape in [(1, 8, 8, 3), (4, 5, 6, 3)]:
    light = np.resize(np.eye(3) * 255, (shape[0], 1, 1, 3))
    call = (random.uniform(0.9, 1, shape) * light).round().astype("f4")
    outputs = {key: golden(each.numpy()) for key, each in serve(tf.constant(call)).items()}
    print(outputs["label"])
    cases.append({"inputs": {"image": golden(call)}, "outputs": outputs})
with open("golden.json", "w") as file:
    json.dump({"cases": cases}, file, separators=(",", ":"))
