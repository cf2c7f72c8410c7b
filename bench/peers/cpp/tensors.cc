#include "tensors.h"

#include <cstring>
#include <string>

namespace {

using tensorflow::DataType;
using tensorflow::TensorProto;

template <typename T>
grpc::Status ViewField(const TensorProto& proto, const google::protobuf::RepeatedField<T>& values, size_t count,
                       TensorView& view) {
  view.bytes = count * sizeof(T);
  if (!proto.tensor_content().empty()) {
    view.data = proto.tensor_content().data();
    if (proto.tensor_content().size() == view.bytes) return grpc::Status::OK;
  } else {
    view.data = values.data();
    if (static_cast<size_t>(values.size()) == count) return grpc::Status::OK;
  }
  return {grpc::StatusCode::INVALID_ARGUMENT, "the number of values is not that of the shape"};
}

template <typename T>
void WriteField(const TensorView& view, google::protobuf::RepeatedField<T>& values) {
  values.Resize(static_cast<int>(view.bytes / sizeof(T)), T());
  std::memcpy(values.mutable_data(), view.data, view.bytes);
}

grpc::Status Unsupported(DataType dtype) {
  return {grpc::StatusCode::UNIMPLEMENTED, "element type " + tensorflow::DataType_Name(dtype)};
}

}  // namespace

grpc::Status ViewOf(const TensorProto& proto, TensorView& view) {
  view.dtype = proto.dtype();
  view.shape.clear();
  size_t count = 1;
  for (const auto& dim : proto.tensor_shape().dim()) {
    if (dim.size() < 0) return {grpc::StatusCode::INVALID_ARGUMENT, "a dimension is negative"};
    view.shape.push_back(dim.size());
    count *= static_cast<size_t>(dim.size());
  }
  switch (proto.dtype()) {
    case tensorflow::DT_FLOAT:
      return ViewField(proto, proto.float_val(), count, view);
    case tensorflow::DT_DOUBLE:
      return ViewField(proto, proto.double_val(), count, view);
    case tensorflow::DT_INT32:
      return ViewField(proto, proto.int_val(), count, view);
    case tensorflow::DT_INT64:
      return ViewField(proto, proto.int64_val(), count, view);
    default:
      return Unsupported(proto.dtype());
  }
}

grpc::Status Write(const TensorView& view, TensorProto& proto) {
  proto.set_dtype(view.dtype);
  for (int64_t size : view.shape) proto.mutable_tensor_shape()->add_dim()->set_size(size);
  switch (view.dtype) {
    case tensorflow::DT_FLOAT:
      WriteField(view, *proto.mutable_float_val());
      return grpc::Status::OK;
    case tensorflow::DT_DOUBLE:
      WriteField(view, *proto.mutable_double_val());
      return grpc::Status::OK;
    case tensorflow::DT_INT32:
      WriteField(view, *proto.mutable_int_val());
      return grpc::Status::OK;
    case tensorflow::DT_INT64:
      WriteField(view, *proto.mutable_int64_val());
      return grpc::Status::OK;
    default:
      return Unsupported(view.dtype);
  }
}
