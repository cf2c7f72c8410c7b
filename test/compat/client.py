"""A client as one writes it against TensorFlow Serving's Python stubs: `client.py DESCRIPTORS ADDRESS CHECK FOLDER`.

Each check raises on the first answer that is not TensorFlow Serving's.
"""

import sys

import grpc
from stubs import install

DESCRIPTORS, ADDRESS, CHECK, FOLDER = sys.argv[1:]
if CHECK == "tensorflow":
    import tensorflow as tf
    from tensorflow.core.framework.tensor_pb2 import TensorProto

    install(DESCRIPTORS, ("tensorflow_serving",))
else:
    install(DESCRIPTORS)

from tensorflow_serving.apis import (  # noqa: E402
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

channel = grpc.insecure_channel(ADDRESS)
prediction = prediction_service_pb2_grpc.PredictionServiceStub(channel)
models = model_service_pb2_grpc.ModelServiceStub(channel)
DT_FLOAT, DT_STRING, DT_INT64, DT_UINT64 = 1, 7, 9, 23
TIMEOUT = 20


def same(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


def refused(call, request, code, text):
    try:
        answer = call(request, timeout=TIMEOUT)
    except grpc.RpcError as error:
        same((error.code(), error.details()), (code, text))
    else:
        raise AssertionError(f"was answered: {answer}")


def predict_request(model, dtype, field, shape, values):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    tensor = request.inputs["x"]
    tensor.dtype = dtype
    for size in shape:
        tensor.tensor_shape.dim.add().size = size
    getattr(tensor, field).extend(values)
    return request


def fill(request, model, rows):
    """Examples with a float feature x."""
    if model is not None:
        request.model_spec.name = model
    for row in rows:
        example = request.input.example_list.examples.add()
        example.features.feature["x"].float_list.value.extend(row)
    return request


def predict():
    request = predict_request("half", DT_FLOAT, "float_val", [3], [1.0, 2.0, 5.0])
    response = prediction.Predict(request, timeout=TIMEOUT)
    output = response.outputs["y"]
    same(list(output.float_val), [2.5, 3.0, 4.5])
    same([dim.size for dim in output.tensor_shape.dim], [3])
    spec = response.model_spec
    same((spec.name, spec.version.value, spec.signature_name), ("half", 2, "serving_default"))

    request.model_spec.version.value = 1
    same(prediction.Predict(request, timeout=TIMEOUT).model_spec.version.value, 1)
    request.model_spec.version_label = "old"
    response = prediction.Predict(request, timeout=TIMEOUT)
    same((response.model_spec.version.value, response.model_spec.version_label), (1, ""))

    request = predict_request("half", DT_FLOAT, "float_val", [4], [6.0])
    same(list(prediction.Predict(request, timeout=TIMEOUT).outputs["y"].float_val), [5.0] * 4)
    request.inputs["x"].ClearField("float_val")
    request.inputs["x"].tensor_content = b"\x00\x00\x80\x3f" * 4
    same(list(prediction.Predict(request, timeout=TIMEOUT).outputs["y"].float_val), [2.5] * 4)


def exact():
    for model, dtype, field, values in [
        ("int64", DT_INT64, "int64_val", [2**53 + 1, -(2**63), 2**63 - 1, -1]),
        ("uint64", DT_UINT64, "uint64_val", [2**53 + 1, 2**64 - 1, 2**63, 0]),
        ("string", DT_STRING, "string_val", [b"a\x00b", b"\x00", b"", b"\xff\xfe"]),
    ]:
        response = prediction.Predict(predict_request(model, dtype, field, [2, 2], values), timeout=TIMEOUT)
        same(list(getattr(response.outputs["y"], field)), values)
        same(response.outputs["y"].dtype, dtype)
        same(list(getattr(response.outputs["twice"], field)), values * 2)


def predict_errors():
    request = predict_request("nobody", DT_FLOAT, "float_val", [1], [1.0])
    text = "Servable not found for request: Latest(nobody)"
    refused(prediction.Predict, request, grpc.StatusCode.NOT_FOUND, text)
    request.model_spec.name = "half"
    request.model_spec.version.value = 9
    text = "Servable not found for request: Specific(half, 9)"
    refused(prediction.Predict, request, grpc.StatusCode.NOT_FOUND, text)
    request.model_spec.version_label = "none"
    text = "Unrecognized servable version label: none"
    refused(prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT, text)
    request.model_spec.ClearField("version_label")
    request.model_spec.signature_name = "s"
    text = 'Serving signature key "s" not found.'
    refused(prediction.Predict, request, grpc.StatusCode.FAILED_PRECONDITION, text)
    request.ClearField("model_spec")
    refused(prediction.Predict, request, grpc.StatusCode.INVALID_ARGUMENT, "Missing ModelSpec")


def classify():
    request = fill(classification_pb2.ClassificationRequest(), "scores", [[0.0] * 4, [1.0] * 4])
    response = prediction.Classify(request, timeout=TIMEOUT)
    results = response.result.classifications
    same([len(each.classes) for each in results], [3, 3])
    predicted = prediction.Predict(
        predict_request("scores", DT_FLOAT, "float_val", [2, 4], [0.0] * 4 + [1.0] * 4), timeout=TIMEOUT
    )
    same([c.score for each in results for c in each.classes], list(predicted.outputs["scores"].float_val))
    same((response.model_spec.name, response.model_spec.version.value), ("scores", 1))
    request.input.Clear()
    refused(prediction.Classify, request, grpc.StatusCode.INVALID_ARGUMENT, "Input is empty.")


def regress():
    request = fill(regression_pb2.RegressionRequest(), "half", [[1.0], [2.0]])
    response = prediction.Regress(request, timeout=TIMEOUT)
    same([each.value for each in response.result.regressions], [2.5, 3.0])
    same(response.model_spec.signature_name, "serving_default")
    request.model_spec.signature_name = "s"
    text = "No signature was found with the name: s"
    refused(prediction.Regress, request, grpc.StatusCode.INVALID_ARGUMENT, text)


def multi_inference():
    request = inference_pb2.MultiInferenceRequest()
    task = request.tasks.add()
    task.model_spec.name = "half"
    task.method_name = "tensorflow/serving/regress"
    fill(request, None, [[1.0], [4.0]])
    (result,) = prediction.MultiInference(request, timeout=TIMEOUT).results
    same(result.WhichOneof("result"), "regression_result")
    same([each.value for each in result.regression_result.regressions], [2.5, 4.0])
    same((result.model_spec.name, result.model_spec.version.value), ("half", 2))
    request.tasks.add().CopyFrom(task)
    text = "Duplicate evaluation of signature: serving_default"
    refused(prediction.MultiInference, request, grpc.StatusCode.INVALID_ARGUMENT, text)


def get_model_metadata():
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "half"
    request.metadata_field.append("signature_def")
    response = prediction.GetModelMetadata(request, timeout=TIMEOUT)
    same((response.model_spec.version.value, response.model_spec.signature_name), (2, ""))
    packed = response.metadata["signature_def"]
    same(packed.type_url, "type.googleapis.com/tensorflow.serving.SignatureDefMap")
    unpacked = get_model_metadata_pb2.SignatureDefMap()
    same(packed.Unpack(unpacked), True)
    signature = unpacked.signature_def["serving_default"]
    same(signature.method_name, "tensorflow/serving/predict")
    info = signature.inputs["x"]
    same((info.dtype, [dim.size for dim in info.tensor_shape.dim]), (DT_FLOAT, [-1]))
    request.metadata_field.append("weights")
    text = "Metadata field weights is not supported"
    refused(prediction.GetModelMetadata, request, grpc.StatusCode.INVALID_ARGUMENT, text)


def get_model_status():
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "half"
    statuses = models.GetModelStatus(request, timeout=TIMEOUT).model_version_status
    available = get_model_status_pb2.ModelVersionStatus.AVAILABLE
    same([(each.version, each.state, each.status.error_code) for each in statuses], [(2, available, 0), (1, available, 0)])
    request.model_spec.version.value = 1
    same([each.version for each in models.GetModelStatus(request, timeout=TIMEOUT).model_version_status], [1])
    request.model_spec.version.value = 7
    text = "Could not find version 7 of model half"
    refused(models.GetModelStatus, request, grpc.StatusCode.NOT_FOUND, text)
    request.model_spec.ClearField("version")
    request.model_spec.name = "nobody"
    text = "Could not find any versions of model nobody"
    refused(models.GetModelStatus, request, grpc.StatusCode.NOT_FOUND, text)


def reload():
    request = model_management_pb2.ReloadConfigRequest()
    for name in ["half", "again"]:
        config = request.config.model_config_list.config.add()
        config.name, config.base_path, config.model_platform = name, FOLDER, "tensorflow"
    response = models.HandleReloadConfigRequest(request, timeout=TIMEOUT)
    same((response.status.error_code, response.status.error_message), (0, ""))
    answer = prediction.Predict(predict_request("again", DT_FLOAT, "float_val", [1], [2.0]), timeout=TIMEOUT)
    same(list(answer.outputs["y"].float_val), [3.0])
    text = "Servable not found for request: Latest(int64)"
    dropped = predict_request("int64", DT_INT64, "int64_val", [1, 2], [1, 2])
    refused(prediction.Predict, dropped, grpc.StatusCode.NOT_FOUND, text)
    request.config.model_config_list.config.add().CopyFrom(config)
    text = "Illegal to list model again multiple times in config list"
    refused(models.HandleReloadConfigRequest, request, grpc.StatusCode.INVALID_ARGUMENT, text)


def tensorflow():
    """TensorFlow's own messages and conversions at both ends."""
    for model, values in [
        ("half", tf.constant([1.0, 2.0])),
        ("int64", tf.constant([[2**53 + 1, -(2**63)]], tf.int64)),
        ("uint64", tf.constant([[2**64 - 1, 2**53 + 1]], tf.uint64)),
        ("string", tf.constant([[b"a\x00b", b"\xff"]])),
    ]:
        request = predict_pb2.PredictRequest()
        request.model_spec.name = model
        request.inputs["x"].ParseFromString(tf.make_tensor_proto(values).SerializeToString())
        output = prediction.Predict(request, timeout=TIMEOUT).outputs["y"]
        array = tf.make_ndarray(TensorProto.FromString(output.SerializeToString()))
        wanted = values.numpy() / 2 + 2 if model == "half" else values.numpy()
        same((array.dtype.kind, array.tolist()), (wanted.dtype.kind, wanted.tolist()))


{
    check.__name__: check
    for check in [
        predict,
        exact,
        predict_errors,
        classify,
        regress,
        multi_inference,
        get_model_metadata,
        get_model_status,
        reload,
        tensorflow,
    ]
}[CHECK]()
