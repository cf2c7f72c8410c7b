"""Asks for recommendations over REST and gRPC: client.py REST_URL GRPC_ADDRESS [EXPECTED_ITEM ...]

REST needs Python alone. gRPC needs the stubs that TensorFlow Serving's clients have: pip install tensorflow-serving-api
"""

import csv
import json
import sys
import urllib.request
from pathlib import Path

REST, GRPC, *EXPECTED = sys.argv[1:]
K = 5

with open(Path(__file__).parent / "data" / "articles.csv", newline="") as file:
    articles = list(csv.DictReader(file))
columns = {
    "user": ["u0042"] * len(articles),
    "item": [article["item"] for article in articles],
    "title": [article["title"] for article in articles],
    "device": ["phone"] * len(articles),
    "seen": ["2026-04-01T20:15:00Z"] * len(articles),
}
age_hours = [6.0] * len(articles)


def by_rest():
    body = json.dumps({"inputs": {**columns, "age_hours": age_hours, "k": K}}).encode()
    with urllib.request.urlopen(f"{REST}/v1/models/recommend:predict", body) as reply:
        return json.load(reply)["outputs"]["item"]


def by_grpc():
    import grpc
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    request = predict_pb2.PredictRequest()
    request.model_spec.name = "recommend"
    for name, values in columns.items():
        proto = request.inputs[name]
        proto.dtype = 7  # DT_STRING
        proto.tensor_shape.dim.add().size = len(values)
        proto.string_val.extend(value.encode() for value in values)
    request.inputs["age_hours"].dtype = 1  # DT_FLOAT
    request.inputs["age_hours"].tensor_shape.dim.add().size = len(age_hours)
    request.inputs["age_hours"].float_val.extend(age_hours)
    request.inputs["k"].dtype = 3  # DT_INT32, a scalar
    request.inputs["k"].int_val.append(K)
    with grpc.insecure_channel(GRPC) as channel:
        reply = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, timeout=20)
    return [item.decode() for item in reply.outputs["item"].string_val]


def main():
    for name, ask in (("REST", by_rest), ("gRPC", by_grpc)):
        try:
            items = ask()
        except ImportError as error:
            print(f"Python over {name}: skipped, {error}; pip install tensorflow-serving-api")
            continue
        if EXPECTED and items != EXPECTED:
            sys.exit(f"Python over {name}: got {items}, expected {EXPECTED}")
        print(f"Python over {name}: {', '.join(items)}")


main()
