"""server.py <port> <folder of generated messages> <name>=<SavedModel>...

tensorflow.serving.PredictionService/Predict by grpcio over TensorFlow.
"""

import os
import sys
from concurrent import futures

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import grpc
import tensorflow as tf

port, generated, *paths = sys.argv[1:]
sys.path.insert(0, generated)
from tensorflow_serving.apis import predict_pb2

tf.config.threading.set_intra_op_parallelism_threads(1)
WORKERS = 8


class Model:
    def __init__(self, path: str):
        self.loaded = tf.saved_model.load(path)  # keeps the variables alive
        self.run = self.loaded.signatures["serving_default"]

    def predict(self, request: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:
        feeds = {name: tf.constant(tf.make_ndarray(proto)) for name, proto in request.inputs.items()}
        response = predict_pb2.PredictResponse()
        response.model_spec.name = request.model_spec.name
        for name, value in self.run(**feeds).items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(value.numpy()))
        return response


models = {name: Model(path) for name, path in (each.split("=", 1) for each in paths)}


def predict(request: predict_pb2.PredictRequest, context: grpc.ServicerContext) -> predict_pb2.PredictResponse:
    model = models.get(request.model_spec.name)
    if model is None:
        context.abort(grpc.StatusCode.NOT_FOUND, f"no model {request.model_spec.name}")
    return model.predict(request)


handlers = {
    "Predict": grpc.unary_unary_rpc_method_handler(
        predict, predict_pb2.PredictRequest.FromString, predict_pb2.PredictResponse.SerializeToString
    )
}
server = grpc.server(
    futures.ThreadPoolExecutor(WORKERS),
    options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tensorflow.serving.PredictionService", handlers),))
server.add_insecure_port(f"127.0.0.1:{port}")
server.start()
server.wait_for_termination()
