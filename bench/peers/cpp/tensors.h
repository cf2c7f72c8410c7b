#pragma once

#include <cstddef>
#include <cstdint>

#include <absl/container/inlined_vector.h>
#include <grpcpp/support/status.h>

#include "tensorflow/core/framework/tensor.pb.h"

/// A dense tensor that lies in somebody else's memory.
struct TensorView {
  tensorflow::DataType dtype;
  absl::InlinedVector<int64_t, 6> shape;
  const void* data;
  size_t bytes;
};

/// The values where the message has them, in `tensor_content` or in the typed field: packed numbers lie in a row.
grpc::Status ViewOf(const tensorflow::TensorProto& proto, TensorView& view);

/// Copies the values into the typed field.
grpc::Status Write(const TensorView& view, tensorflow::TensorProto& proto);
