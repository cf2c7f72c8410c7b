"""What the make.py of the folders here share: a SavedModel with one signature a case, and TensorFlow's answers."""

import contextlib
import json
import os
import shutil
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2


def element(value, dtype):
    if dtype in ("float16", "bfloat16"):
        return int(value)
    if dtype.startswith("float"):
        value = value.item()
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


def shorten(fn):
    """Gives what is in a function short names, which Keras' are not."""
    short = {arg.name: f"a{i}" for i, arg in enumerate(fn.signature.input_arg)}
    short |= {node.name: f"{node.op}{i}" for i, node in enumerate(fn.node_def)}
    out = {arg.name: f"r{i}" for i, arg in enumerate(fn.signature.output_arg)}

    def renamed(reference):
        name, *rest = reference.removeprefix("^").split(":")
        return ("^" if reference.startswith("^") else "") + ":".join([short[name], *rest])

    for arg in fn.signature.input_arg:
        arg.name = short[arg.name]
        arg.ClearField("handle_data")
    for arg in fn.signature.output_arg:
        arg.name = out[arg.name]
        arg.ClearField("handle_data")
    for node in fn.node_def:
        node.name = short[node.name]
        node.input[:] = [renamed(each) for each in node.input]
    results = {out[key]: renamed(value) for key, value in fn.ret.items()}
    fn.ret.clear()
    fn.ret.update(results)
    controls = {f"c{i}": short[value] for i, value in enumerate(fn.control_ret.values())}
    fn.signature.control_output[:] = list(controls)
    fn.control_ret.clear()
    fn.control_ret.update(controls)


def slim(path):
    """Leaves out what is said about the model and takes no part in it."""
    with open(path, "rb") as file:
        model = saved_model_pb2.SavedModel.FromString(file.read())
    meta = model.meta_graphs[0]
    meta.ClearField("object_graph_def")
    functions = meta.graph_def.library.function
    for node in [*meta.graph_def.node, *(node for fn in functions for node in fn.node_def)]:
        node.ClearField("experimental_debug_info")
        for key in [key for key in node.attr if key.startswith("_") or key in ("config_proto", "executor_type", "config")]:
            del node.attr[key]
    for fn in functions:
        fn.ClearField("attr")
        fn.ClearField("arg_attr")
        fn.ClearField("resource_arg_unique_id")
        shorten(fn)
    with open(path, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


@contextlib.contextmanager
def open_copy_of(model_path):
    """The model with placeholders of any shape: a session of Python checks what it is fed, a server's does not."""
    with tempfile.TemporaryDirectory() as path:
        shutil.copytree(model_path, path, dirs_exist_ok=True)
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


def specs_of(inputs, unknown_rank):
    return [
        tf.TensorSpec(None if unknown_rank else [None] * np.ndim(each), np.asarray(each).dtype, f"x{i}")
        for i, each in enumerate(inputs)
    ]


def answers(session, signature, call):
    inputs = sorted(signature.inputs)
    feeds = dict(zip(inputs, [np.asarray(each) for each in call]))
    case = {"inputs": {key: golden(each) for key, each in feeds.items()}, "outputs": {}}
    try:
        fetches = {key: info.name for key, info in signature.outputs.items()}
        result = session.run(fetches, {signature.inputs[key].name: each for key, each in feeds.items()})
        case["outputs"] = {key: golden(each) for key, each in result.items()}
    except tf.errors.OpError as error:
        print(signature.outputs[min(signature.outputs)].name, str(error)[:300])
        case["error"] = True
    return case


def make(cases, keep):
    """Writes model/ and golden.json; cases are (function, calls, specs) by name, `keep` is what the functions use."""
    module, signatures = tf.Module(), {}
    module.keep = keep
    for name, (fn, calls, specs) in cases.items():
        concrete = tf.function(lambda *xs, fn=fn: named(fn(*xs)), autograph=False).get_concrete_function(*specs)
        signatures[name] = concrete
    shutil.rmtree("model", ignore_errors=True)
    tf.saved_model.save(module, "model", signatures)
    shutil.rmtree("model/assets", ignore_errors=True)
    slim("model/saved_model.pb")
    session = tf.compat.v1.Session(graph=tf.Graph())
    with session.graph.as_default(), open_copy_of("model") as path:
        meta = tf.compat.v1.saved_model.load(session, ["serve"], path)
    written = {}
    for name, (fn, calls, _) in cases.items():
        written[name] = {"signature": name, "cases": [answers(session, meta.signature_def[name], call) for call in calls]}
    with open("golden.json", "w") as file:
        json.dump(written, file, separators=(",", ":"))
    print(len(cases), "signatures")
