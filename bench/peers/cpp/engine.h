#pragma once

#include <memory>
#include <string>

#include <grpcpp/support/status.h>

#include "tensorflow_serving/apis/predict.pb.h"

/// A loaded model. Predict may be called by several threads at once.
class Model {
 public:
  virtual ~Model() = default;
  /// Fills `response.outputs`; the request's tensors are read in place.
  virtual grpc::Status Predict(const tensorflow::serving::PredictRequest& request,
                               tensorflow::serving::PredictResponse& response) const = 0;
};

/// Each server links one engine, which defines this. Throws std::runtime_error.
std::unique_ptr<Model> LoadModel(const std::string& path);
