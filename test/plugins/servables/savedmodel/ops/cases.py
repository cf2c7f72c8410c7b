"""What the files of cases are written with."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

raw = tf.raw_ops
rng = np.random.default_rng(7)


def f(*shape, low=-2.0, high=2.0, dtype="float32"):
    return rng.uniform(low, high, shape).astype(dtype)


def ints(*shape, low=-9, high=9, dtype="int32"):
    return rng.integers(low, high, shape).astype(dtype)


ODD = np.array([np.nan, -np.inf, np.inf, -0.0, 0.0, -1.5, 2.5, 1e-8, -1e-8, 30, -30], "float32")
CASES = {}


def case(name, fn, *inputs, unknown_rank=False):
    """One signature; inputs are its first call, `more` may add others."""
    CASES[name] = (fn, [inputs], unknown_rank)


def more(name, *inputs):
    CASES[name][1].append(inputs)
