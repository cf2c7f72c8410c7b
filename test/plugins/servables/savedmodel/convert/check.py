"""Checks ONNX models with ONNX's own checker and runs them on Python's onnxruntime.

Reads lines of JSON {"path", "inputs": {name: {"dtype", "shape", "data"}}} from standard input, and writes for each a line
{"opset", "producer", "outputs": {name: {"dtype", "shape", "data"}}}.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime

for line in sys.stdin:
    call = json.loads(line)
    onnx.checker.check_model(call["path"], full_check=True)
    model = onnx.load(call["path"], load_external_data=False)
    session = onnxruntime.InferenceSession(call["path"], providers=["CPUExecutionProvider"])
    feeds = {
        name: np.array(value["data"], dtype=value["dtype"]).reshape(value["shape"])
        for name, value in call["inputs"].items()
    }
    names = [output.name for output in session.get_outputs()]
    results = session.run(names, feeds)
    answer = {
        "opset": model.opset_import[0].version,
        "producer": f"{model.producer_name} {model.producer_version}",
        "outputs": {
            name: {"dtype": str(value.dtype), "shape": value.shape, "data": value.ravel().tolist()}
            for name, value in zip(names, results)
        },
    }
    print(json.dumps(answer), flush=True)
