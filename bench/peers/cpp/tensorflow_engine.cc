#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/inlined_vector.h>

#include "engine.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"
#include "tensorflow_api.h"
#include "tensors.h"

namespace {

using tensorflow::serving::PredictRequest;
using tensorflow::serving::PredictResponse;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

const TfApi& Api() {
  static const TfApi api(Environment("LIBTENSORFLOW"), Environment("LIBTENSORFLOW_FRAMEWORK"));
  return api;
}

struct DeleteStatus {
  void operator()(TF_Status* status) const { Api().DeleteStatus(status); }
};
using Status = std::unique_ptr<TF_Status, DeleteStatus>;
struct DeleteTensor {
  void operator()(TF_Tensor* tensor) const { Api().DeleteTensor(tensor); }
};
using Tensor = std::unique_ptr<TF_Tensor, DeleteTensor>;

void Require(const Status& status) {
  if (Api().GetCode(status.get()) != 0) throw std::runtime_error(Api().Message(status.get()));
}

/// tensorflow.ConfigProto: one thread inside an operator (field 2), as many beside each other as there are cores.
constexpr unsigned char kConfig[] = {(2 << 3) | 0, 1};

struct Endpoint {
  std::string name;
  TF_Output output;
};

class SavedModel final : public Model {
 public:
  explicit SavedModel(const std::string& path) {
    const Status status(Api().NewStatus());
    auto* options = Api().NewSessionOptions();
    Api().SetConfig(options, kConfig, sizeof(kConfig), status.get());
    Require(status);
    TF_Graph* graph = Api().NewGraph();
    TF_Buffer* buffer = Api().NewBuffer();
    const char* const tags[] = {"serve"};
    session_ =
        Api().LoadSessionFromSavedModel(options, nullptr, path.c_str(), tags, 1, graph, buffer, status.get());
    Require(status);
    tensorflow::MetaGraphDef meta;
    if (!meta.ParseFromArray(buffer->data, static_cast<int>(buffer->length))) throw std::runtime_error("meta graph");
    const auto signature = meta.signature_def().find("serving_default");
    if (signature == meta.signature_def().end()) throw std::runtime_error(path + " has no serving_default");
    inputs_ = Endpoints(signature->second.inputs(), graph);
    outputs_ = Endpoints(signature->second.outputs(), graph);
    for (const auto& [name, output] : inputs_) feeds_.push_back(output);
    for (const auto& [name, output] : outputs_) fetches_.push_back(output);
  }

  grpc::Status Predict(const PredictRequest& request, PredictResponse& response) const override {
    absl::InlinedVector<Tensor, 4> inputs;
    absl::InlinedVector<TF_Tensor*, 4> raw_inputs;
    TensorView view;
    for (const auto& [name, output] : inputs_) {
      const auto found = request.inputs().find(name);
      if (found == request.inputs().end()) return {grpc::StatusCode::INVALID_ARGUMENT, "no input " + name};
      if (const auto status = ViewOf(found->second, view); !status.ok()) return status;
      // TensorFlow reads the message's own memory where that is aligned for it, and copies it otherwise.
      TF_Tensor* tensor =
          Api().NewTensor(view.dtype, view.shape.data(), static_cast<int>(view.shape.size()),
                          const_cast<void*>(view.data), view.bytes, [](void*, size_t, void*) {}, nullptr);
      if (!tensor) return {grpc::StatusCode::INVALID_ARGUMENT, "input " + name + " is no tensor"};
      raw_inputs.push_back(tensor);
      inputs.emplace_back(tensor);
    }
    const Status status(Api().NewStatus());
    absl::InlinedVector<TF_Tensor*, 4> raw_outputs(fetches_.size(), nullptr);
    Api().SessionRun(session_, nullptr, feeds_.data(), raw_inputs.data(), static_cast<int>(feeds_.size()),
                     fetches_.data(), raw_outputs.data(), static_cast<int>(fetches_.size()), nullptr, 0, nullptr,
                     status.get());
    absl::InlinedVector<Tensor, 4> outputs;
    for (TF_Tensor* tensor : raw_outputs) outputs.emplace_back(tensor);
    if (const int code = Api().GetCode(status.get()); code != 0) {
      return {static_cast<grpc::StatusCode>(code), Api().Message(status.get())};
    }
    for (size_t i = 0; i < outputs.size(); i++) {
      const TF_Tensor* tensor = raw_outputs[i];
      view.dtype = static_cast<tensorflow::DataType>(Api().TensorType(tensor));
      view.shape.resize(static_cast<size_t>(Api().NumDims(tensor)));
      for (size_t axis = 0; axis < view.shape.size(); axis++) view.shape[axis] = Api().Dim(tensor, static_cast<int>(axis));
      view.data = Api().TensorData(tensor);
      view.bytes = Api().TensorByteSize(tensor);
      const auto written = Write(view, (*response.mutable_outputs())[outputs_[i].name]);
      if (!written.ok()) return written;
    }
    return grpc::Status::OK;
  }

 private:
  using Infos = google::protobuf::Map<std::string, tensorflow::TensorInfo>;

  static std::vector<Endpoint> Endpoints(const Infos& infos, TF_Graph* graph) {
    std::vector<Endpoint> endpoints;
    for (const auto& [name, info] : infos) {
      const size_t colon = info.name().rfind(':');
      const std::string operation = info.name().substr(0, colon);
      TF_Operation* found = Api().GraphOperationByName(graph, operation.c_str());
      if (!found) throw std::runtime_error("the graph has no " + operation);
      endpoints.push_back({name, {found, std::atoi(info.name().c_str() + colon + 1)}});
    }
    return endpoints;
  }

  TF_Session* session_ = nullptr;
  std::vector<Endpoint> inputs_, outputs_;
  std::vector<TF_Output> feeds_, fetches_;
};

}  // namespace

std::unique_ptr<Model> LoadModel(const std::string& path) { return std::make_unique<SavedModel>(path); }
