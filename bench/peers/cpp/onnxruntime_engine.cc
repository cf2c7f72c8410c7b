#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/inlined_vector.h>

#include "engine.h"
#include "onnxruntime_api.h"
#include "tensors.h"

namespace {

using tensorflow::DataType;
using tensorflow::serving::PredictRequest;
using tensorflow::serving::PredictResponse;

const OrtApi& Api() {
  static const OrtApi api(OrtGetApiBase()->GetApi(ort::kVersion));
  return api;
}

/// The text of a failure, empty for success; releases the status.
std::string Taken(OrtStatus* status) {
  if (!status) return {};
  std::string message = Api().Message(status);
  Api().Release<ort::kReleaseStatus>(status);
  return message.empty() ? "unknown error" : message;
}

void Require(OrtStatus* status) {
  if (const std::string message = Taken(status); !message.empty()) throw std::runtime_error(message);
}

struct ReleaseValue {
  void operator()(OrtValue* value) const { Api().Release<ort::kReleaseValue>(value); }
};
using Value = std::unique_ptr<OrtValue, ReleaseValue>;

constexpr std::pair<DataType, int> kTypes[] = {{tensorflow::DT_FLOAT, ort::kFloat},
                                               {tensorflow::DT_DOUBLE, ort::kDouble},
                                               {tensorflow::DT_INT32, ort::kInt32},
                                               {tensorflow::DT_INT64, ort::kInt64}};

int OrtType(DataType dtype) {
  for (const auto& [tensorflow, onnx] : kTypes) {
    if (tensorflow == dtype) return onnx;
  }
  return 0;
}

DataType TensorFlowType(int type) {
  for (const auto& [tensorflow, onnx] : kTypes) {
    if (onnx == type) return tensorflow;
  }
  return tensorflow::DT_INVALID;
}

size_t SizeOf(DataType dtype) { return dtype == tensorflow::DT_FLOAT || dtype == tensorflow::DT_INT32 ? 4 : 8; }

OrtStatus* ViewOutput(OrtValue* value, TensorView& view) {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  if (auto* status = Api().Call<ort::kTypeAndShape>(value, &info)) return status;
  int type = 0;
  size_t rank = 0;
  size_t count = 0;
  void* data = nullptr;
  OrtStatus* status = Api().Call<ort::kElementType>(info, &type);
  if (!status) status = Api().Call<ort::kDimensionsCount>(info, &rank);
  view.shape.resize(rank);
  if (!status) status = Api().Call<ort::kDimensions>(info, view.shape.data(), rank);
  if (!status) status = Api().Call<ort::kElementCount>(info, &count);
  Api().Release<ort::kReleaseTypeAndShape>(info);
  if (!status) status = Api().Call<ort::kTensorData>(value, &data);
  view.dtype = TensorFlowType(type);
  view.data = data;
  view.bytes = count * SizeOf(view.dtype);
  return status;
}

class OnnxModel final : public Model {
 public:
  explicit OnnxModel(const std::string& path) {
    static OrtEnv* const env = [] {
      OrtEnv* made = nullptr;
      Require(Api().Call<ort::kCreateEnv>(ort::kWarning, "peer", &made));
      return made;
    }();
    OrtSessionOptions* options = nullptr;
    Require(Api().Call<ort::kCreateSessionOptions>(&options));
    // Many requests at once: each has one thread, and none spins.
    Require(Api().Call<ort::kSetIntraOpThreads>(options, 1));
    Require(Api().Call<ort::kSetInterOpThreads>(options, 1));
    Require(Api().Call<ort::kSetGraphOptimization>(options, ort::kAllOptimizations));
    Require(Api().Call<ort::kAddConfigEntry>(options, "session.intra_op.allow_spinning", "0"));
    Require(Api().Call<ort::kCreateSession>(env, path.c_str(), options, &session_));
    Api().Release<ort::kReleaseSessionOptions>(options);
    Require(Api().Call<ort::kCreateCpuMemoryInfo>(ort::kDeviceAllocator, ort::kDefaultMemory, &memory_));
    input_names_ = Names<ort::kInputCount, ort::kInputName>();
    output_names_ = Names<ort::kOutputCount, ort::kOutputName>();
    for (const auto& name : input_names_) inputs_.push_back(name.c_str());
    for (const auto& name : output_names_) outputs_.push_back(name.c_str());
  }

  grpc::Status Predict(const PredictRequest& request, PredictResponse& response) const override {
    absl::InlinedVector<Value, 4> inputs;
    absl::InlinedVector<OrtValue*, 4> raw_inputs;
    TensorView view;
    for (const auto& name : input_names_) {
      const auto found = request.inputs().find(name);
      if (found == request.inputs().end()) return {grpc::StatusCode::INVALID_ARGUMENT, "no input " + name};
      if (const auto status = ViewOf(found->second, view); !status.ok()) return status;
      OrtValue* value = nullptr;
      auto* failed = Api().Call<ort::kCreateTensorWithData>(static_cast<const OrtMemoryInfo*>(memory_),
                                                            const_cast<void*>(view.data), view.bytes,
                                                            static_cast<const int64_t*>(view.shape.data()),
                                                            view.shape.size(), OrtType(view.dtype), &value);
      if (failed) return {grpc::StatusCode::INVALID_ARGUMENT, Taken(failed)};
      raw_inputs.push_back(value);
      inputs.emplace_back(value);
    }
    absl::InlinedVector<OrtValue*, 4> raw_outputs(outputs_.size(), nullptr);
    auto* failed = Api().Call<ort::kRun>(session_, static_cast<const OrtRunOptions*>(nullptr), inputs_.data(),
                                         raw_inputs.data(), raw_inputs.size(), outputs_.data(), outputs_.size(),
                                         raw_outputs.data());
    absl::InlinedVector<Value, 4> outputs;
    for (OrtValue* value : raw_outputs) outputs.emplace_back(value);
    if (failed) return {grpc::StatusCode::INVALID_ARGUMENT, Taken(failed)};
    for (size_t i = 0; i < outputs.size(); i++) {
      if (auto* status = ViewOutput(raw_outputs[i], view)) return {grpc::StatusCode::INTERNAL, Taken(status)};
      const auto status = Write(view, (*response.mutable_outputs())[output_names_[i]]);
      if (!status.ok()) return status;
    }
    return grpc::Status::OK;
  }

 private:
  template <int count, int name>
  std::vector<std::string> Names() const {
    OrtAllocator* allocator = nullptr;
    Require(Api().Call<ort::kDefaultAllocator>(&allocator));
    size_t length = 0;
    Require(Api().Call<count>(static_cast<const OrtSession*>(session_), &length));
    std::vector<std::string> names;
    for (size_t i = 0; i < length; i++) {
      char* text = nullptr;
      Require(Api().Call<name>(static_cast<const OrtSession*>(session_), i, allocator, &text));
      names.emplace_back(text);
      Require(Api().Call<ort::kAllocatorFree>(allocator, static_cast<void*>(text)));
    }
    return names;
  }

  OrtSession* session_ = nullptr;
  OrtMemoryInfo* memory_ = nullptr;
  std::vector<std::string> input_names_, output_names_;
  std::vector<const char*> inputs_, outputs_;
};

}  // namespace

std::unique_ptr<Model> LoadModel(const std::string& path) { return std::make_unique<OnnxModel>(path); }
