"""An image model of 224 x 224 pixels, small on purpose: what is measured with it is the way of 600 kB, not a network.

    python bench/models/make_image.py

Writes the SavedModel `image/1` beside this file: `image` float [n, 224, 224, 3] -> `probabilities` float [n, 10].
"""

import os
import pathlib
import shutil

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

OUT = pathlib.Path(__file__).resolve().parent / "image" / "1"
CLASSES = 10


class Network(tf.Module):
    def __init__(self):
        rng = np.random.default_rng(224)

        def weights(name, *shape):
            scale = (2 / np.prod(shape[:-1])) ** 0.5
            return tf.Variable(rng.normal(0, scale, shape).astype(np.float32), name=name)

        self.stem = weights("stem", 7, 7, 3, 16)
        self.body = weights("body", 3, 3, 16, 32)
        self.head = weights("head", 32, CLASSES)
        self.bias = tf.Variable(tf.zeros([CLASSES]), name="bias")

    @tf.function(input_signature=[tf.TensorSpec([None, 224, 224, 3], tf.float32, "image")])
    def __call__(self, image):
        x = tf.nn.relu(tf.nn.conv2d(image, self.stem, 4, "SAME"))
        x = tf.nn.max_pool2d(x, 2, 2, "SAME")
        x = tf.nn.relu(tf.nn.conv2d(x, self.body, 2, "SAME"))
        x = tf.reduce_mean(x, [1, 2])
        return {"probabilities": tf.nn.softmax(x @ self.head + self.bias)}


network = Network()
shutil.rmtree(OUT, ignore_errors=True)
tf.saved_model.save(network, str(OUT), {"serving_default": network.__call__})
for empty in ("assets",):
    shutil.rmtree(OUT / empty, ignore_errors=True)
