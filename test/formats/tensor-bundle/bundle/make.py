"""Makes the checkpoint `all.*` and `golden.json` beside this file: every dtype that a bundle can hold, and slices.

Python 3.11 with tensorflow-cpu 2.21. Run in this folder: python make.py
"""

import base64
import json

import ml_dtypes
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(3)
kinds = "float32 float64 float16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 complex64 complex128".split()
tensors = {f"kind/{kind}": (rng.uniform(0, 100, (2, 3)) + (0.5j if "complex" in kind else 0)).astype(kind) for kind in kinds}
tensors |= {
    "kind/bfloat16": rng.uniform(-1, 1, (5,)).astype(ml_dtypes.bfloat16),
    "kind/bool": np.array([True, False, True]),
    "kind/string": np.array([[b"", b"a\0b\xff"], [b"\xc3\xbc", b"x" * 300]]),
    "empty": np.zeros((0, 4), "float32"),
    "empty_strings": np.zeros((0,), "S1"),
    "scalar": np.float32(1.25),
    "name\xfc with spaces": np.float32(2),
}
whole = np.arange(200 * 3, dtype="float32").reshape(200, 3)
slices = [("200 3 0,70:-", whole[:70]), ("200 3 70,100:0,1", whole[70:170, :1]), ("200 3 70,100:1,2", whole[70:170, 1:]), ("200 3 170,30:-", whole[170:])]
names = list(tensors) + ["sliced"] * len(slices)
tf.raw_ops.SaveV2(
    prefix="all",
    tensor_names=names,
    shape_and_slices=[""] * len(tensors) + [spec for spec, _ in slices],
    tensors=[tf.constant(each) for each in tensors.values()] + [tf.constant(each) for _, each in slices],
)


def golden(array):
    array = np.asarray(array)
    if array.dtype.kind == "S":
        return {"dtype": "string", "shape": list(array.shape), "items": [base64.b64encode(each).decode() for each in array.ravel()]}
    return {"dtype": str(array.dtype), "shape": list(array.shape), "bytes": base64.b64encode(array.tobytes()).decode()}


content = {name: golden(array) for name, array in tensors.items()} | {"sliced": golden(whole)}
with open("golden.json", "w") as file:
    json.dump(content, file, separators=(",", ":"))
