#pragma once

#include <cstddef>
#include <cstdint>

/// The part of ONNX Runtime's C interface (onnxruntime_c_api.h, which npm's package does not carry) that this server
/// takes. Functions are found by their index in the table that OrtApiBase::GetApi hands out, which only ever grows.
struct OrtApiBase {
  const void* const* (*GetApi)(uint32_t version);
  const char* (*GetVersionString)();
};
extern "C" const OrtApiBase* OrtGetApiBase();

struct OrtStatus;
struct OrtEnv;
struct OrtSession;
struct OrtSessionOptions;
struct OrtRunOptions;
struct OrtValue;
struct OrtMemoryInfo;
struct OrtAllocator;
struct OrtTensorTypeAndShapeInfo;

class OrtApi {
 public:
  explicit OrtApi(const void* const* table) : table_(table) {}

  template <int index, typename... Arguments>
  OrtStatus* Call(Arguments... arguments) const {
    return reinterpret_cast<OrtStatus* (*)(Arguments...)>(table_[index])(arguments...);
  }
  const char* Message(const OrtStatus* status) const {
    return reinterpret_cast<const char* (*)(const OrtStatus*)>(table_[2])(status);
  }
  template <int index, typename T>
  void Release(T* object) const {
    reinterpret_cast<void (*)(T*)>(table_[index])(object);
  }

 private:
  const void* const* table_;
};

namespace ort {
constexpr uint32_t kVersion = 20;
constexpr int kCreateEnv = 3, kCreateSession = 7, kRun = 9, kCreateSessionOptions = 10, kSetGraphOptimization = 23,
              kSetIntraOpThreads = 24, kSetInterOpThreads = 25, kInputCount = 30, kOutputCount = 31, kInputName = 36,
              kOutputName = 37, kCreateTensorWithData = 49, kTensorData = 51, kElementType = 60, kDimensionsCount = 61,
              kDimensions = 62, kTypeAndShape = 65, kElementCount = 64, kCreateCpuMemoryInfo = 69, kAllocatorFree = 76,
              kDefaultAllocator = 78, kAddConfigEntry = 130;
constexpr int kReleaseStatus = 93, kReleaseValue = 96, kReleaseTypeAndShape = 99, kReleaseSessionOptions = 100;
constexpr int kAllOptimizations = 99;
constexpr int kWarning = 2;
constexpr int kDeviceAllocator = 0, kDefaultMemory = 0;
constexpr int kFloat = 1, kInt32 = 6, kInt64 = 7, kDouble = 11;
}  // namespace ort
