"""Started by run.py, with MODELS="<name>=<path of an ONNX file>;..." in the environment."""

import json
import os

import numpy as np
import onnxruntime
from fastapi import FastAPI, HTTPException, Request, Response

TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int32)": np.int32, "tensor(int64)": np.int64}


def load(path: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Model:
    def __init__(self, path: str):
        self.session = load(path)
        self.inputs = {each.name: TYPES[each.type] for each in self.session.get_inputs()}
        self.outputs = [each.name for each in self.session.get_outputs()]

    def predict(self, instances: list) -> list:
        if len(self.inputs) == 1:
            columns = {name: instances for name in self.inputs}
        else:
            columns = {name: [row[name] for row in instances] for name in self.inputs}
        feeds = {name: np.asarray(columns[name], dtype) for name, dtype in self.inputs.items()}
        results = [result.tolist() for result in self.session.run(self.outputs, feeds)]
        if len(results) == 1:
            return results[0]
        return [dict(zip(self.outputs, row)) for row in zip(*results)]


app = FastAPI()
models = {name: Model(path) for name, path in (each.split("=", 1) for each in os.environ["MODELS"].split(";"))}


@app.post("/v1/models/{name}:predict")
async def predict(name: str, request: Request) -> Response:
    model = models.get(name)
    if model is None:
        raise HTTPException(404, f"no model {name}")
    # Neither a pydantic model of a million numbers nor FastAPI's encoder, which walks through all of them again.
    body = json.loads(await request.body())
    predictions = model.predict(body["instances"])
    return Response(json.dumps({"predictions": predictions}), media_type="application/json")
