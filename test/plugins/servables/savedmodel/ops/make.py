"""Makes `model/` and `golden.json` beside this file: one signature per operator trait, with TensorFlow's answers.

Python 3.11 with tensorflow-cpu 2.21. Run in this folder: python make.py
"""

import contextlib
import json
import os
import shutil
import tempfile

import arithmetic  # noqa: F401
import arrays  # noqa: F401
import basics
import images  # noqa: F401
import numpy as np
import tensorflow as tf
from cases import CASES
from tensorflow.core.protobuf import saved_model_pb2


def element(value, dtype):
    if dtype in ("float16", "bfloat16"):
        return int(value)
    if dtype.startswith("float"):
        # The shortest decimal that reads back as the same float.
        value = float(str(value))
        return value if np.isfinite(value) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    return str(int(value)) if dtype in ("int64", "uint64") else int(value)


def golden(value):
    array = np.asarray(value)
    dtype = str(array.dtype)
    flat = (array.view(np.uint16) if dtype in ("float16", "bfloat16") else array).ravel()
    return {"dtype": dtype, "shape": list(array.shape), "data": [element(each, dtype) for each in flat]}


def named(result):
    if isinstance(result, dict):
        return result
    if isinstance(result, (tuple, list)):
        return {f"y{i}": each for i, each in enumerate(result)}
    return {"y": result}


@contextlib.contextmanager
def open_copy():
    """The model with placeholders of any shape: a session of Python checks what it is fed, a server's does not."""
    with tempfile.TemporaryDirectory() as path:
        shutil.copytree("model", path, dirs_exist_ok=True)
        model = saved_model_pb2.SavedModel()
        with open(f"{path}/saved_model.pb", "rb") as file:
            model.ParseFromString(file.read())
        for node in model.meta_graphs[0].graph_def.node:
            if node.op == "Placeholder":
                node.attr["shape"].shape.unknown_rank = True
                del node.attr["shape"].shape.dim[:]
                node.attr.pop("_output_shapes", None)
        with open(f"{path}/saved_model.pb", "wb") as file:
            file.write(model.SerializeToString())
        yield path


def slimmed():
    """Without what nothing here reads, notes on shapes and the graph of Python objects: a third of the file."""
    model = saved_model_pb2.SavedModel()
    with open("model/saved_model.pb", "rb") as file:
        model.ParseFromString(file.read())
    model.meta_graphs[0].ClearField("object_graph_def")
    for node in model.meta_graphs[0].graph_def.node:
        for name in ("config_proto", "_collective_manager_ids", "_read_only_resource_inputs", "config", "_output_shapes", "executor_type"):
            node.attr.pop(name, None)
    for function in model.meta_graphs[0].graph_def.library.function:
        function.attr.pop("_input_shapes", None)
        for holder in [function, *function.node_def, *function.arg_attr.values()]:
            for name in ("_output_shapes", "_user_specified_name", "_construction_context", "config_proto", "executor_type"):
                holder.attr.pop(name, None)
    with open("model/saved_model.pb", "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


def main():
    module, signatures, answers = tf.Module(), {}, {}
    module.table = basics.VARIABLE
    for name, (fn, calls, unknown_rank) in CASES.items():
        keys = [f"x{i}" for i in range(len(calls[0]))]
        specs = [
            tf.TensorSpec(None if unknown_rank else [None] * np.ndim(each), np.asarray(each).dtype, key)
            for key, each in zip(keys, calls[0])
        ]
        concrete = tf.function(lambda *xs, fn=fn: named(fn(*xs)), autograph=False).get_concrete_function(*specs)
        signatures[name] = concrete
    shutil.rmtree("model", ignore_errors=True)
    tf.saved_model.save(module, "model", signatures)
    shutil.rmtree("model/assets", ignore_errors=True)
    slimmed()
    session = tf.compat.v1.Session(graph=tf.Graph())
    with session.graph.as_default(), open_copy() as path:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], path)
    for name, (fn, calls, _) in CASES.items():
        signature = meta.signature_def[name]
        inputs = sorted(signature.inputs)
        cases = []
        for call in calls:
            feeds = dict(zip(inputs, [np.asarray(each) for each in call]))
            case = {"inputs": {key: golden(each) for key, each in feeds.items()}, "outputs": {}}
            try:
                fetches = {key: info.name for key, info in signature.outputs.items()}
                result = session.run(fetches, {signature.inputs[key].name: each for key, each in feeds.items()})
                case["outputs"] = {key: golden(each) for key, each in result.items()}
            except Exception:
                case["error"] = True
            cases.append(case)
        answers[name] = {"signature": name, "cases": cases}
    with open("golden.json", "w") as file:
        json.dump(answers, file, separators=(",", ":"))
    print(len(CASES), "signatures")


main()
