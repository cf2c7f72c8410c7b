"""Makes `model/` and `golden.json` beside this file: a Keras 3 model saved by tf.saved_model.save with a signature of its own.

Its restore sets no variable. Python 3.11 with tensorflow-cpu 2.21 and keras 3. Run in this folder: python make.py
"""

import json
import os
import shutil

import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(7)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="tanh"), keras.layers.Dense(1)])


@tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
def score(x):
    return {"y": model(x)}


x = np.array([[1, 2, 3], [-1, 0.5, 0]], "float32")
shutil.rmtree("model", ignore_errors=True)
tf.saved_model.save(model, "model", signatures=score)
shutil.rmtree("model/assets", ignore_errors=True)
os.remove("model/fingerprint.pb")
y = tf.saved_model.load("model").signatures["serving_default"](x=tf.constant(x))["y"].numpy()
with open("golden.json", "w") as file:
    json.dump({"x": x.tolist(), "y": y.tolist()}, file)
