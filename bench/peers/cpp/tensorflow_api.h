#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

/// The part of TensorFlow's C interface (tensorflow/c/c_api.h) that this server takes. The library has its own protobuf and
/// abseil inside: it is loaded so that it finds those, and not the ones this program is linked with.
struct TF_Status;
struct TF_Graph;
struct TF_Session;
struct TF_SessionOptions;
struct TF_Operation;
struct TF_Tensor;
struct TF_Buffer {
  const void* data;
  size_t length;
  void (*deallocator)(void* data, size_t length);
};
struct TF_Output {
  TF_Operation* oper;
  int index;
};

struct TfApi {
  TF_Status* (*NewStatus)();
  void (*DeleteStatus)(TF_Status*);
  int (*GetCode)(const TF_Status*);
  const char* (*Message)(const TF_Status*);
  TF_Buffer* (*NewBuffer)();
  TF_Graph* (*NewGraph)();
  TF_Operation* (*GraphOperationByName)(TF_Graph*, const char*);
  TF_SessionOptions* (*NewSessionOptions)();
  void (*SetConfig)(TF_SessionOptions*, const void*, size_t, TF_Status*);
  TF_Session* (*LoadSessionFromSavedModel)(const TF_SessionOptions*, const TF_Buffer*, const char*, const char* const*,
                                           int, TF_Graph*, TF_Buffer*, TF_Status*);
  void (*SessionRun)(TF_Session*, const TF_Buffer*, const TF_Output*, TF_Tensor* const*, int, const TF_Output*,
                     TF_Tensor**, int, const TF_Operation* const*, int, TF_Buffer*, TF_Status*);
  TF_Tensor* (*NewTensor)(int, const int64_t*, int, void*, size_t, void (*)(void*, size_t, void*), void*);
  void (*DeleteTensor)(TF_Tensor*);
  int (*TensorType)(const TF_Tensor*);
  int (*NumDims)(const TF_Tensor*);
  int64_t (*Dim)(const TF_Tensor*, int);
  size_t (*TensorByteSize)(const TF_Tensor*);
  void* (*TensorData)(const TF_Tensor*);

  /// `framework` may be empty, where the library is whole. Throws std::runtime_error with the linker's text.
  TfApi(const std::string& library, const std::string& framework) {
    if (!framework.empty()) Open(framework);
    void* handle = Open(library);
    const auto bind = [handle](auto& function, const char* name) {
      void* symbol = dlsym(handle, name);
      if (!symbol) throw std::runtime_error(std::string("libtensorflow lacks ") + name);
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(symbol);
    };
    bind(NewStatus, "TF_NewStatus");
    bind(DeleteStatus, "TF_DeleteStatus");
    bind(GetCode, "TF_GetCode");
    bind(Message, "TF_Message");
    bind(NewBuffer, "TF_NewBuffer");
    bind(NewGraph, "TF_NewGraph");
    bind(GraphOperationByName, "TF_GraphOperationByName");
    bind(NewSessionOptions, "TF_NewSessionOptions");
    bind(SetConfig, "TF_SetConfig");
    bind(LoadSessionFromSavedModel, "TF_LoadSessionFromSavedModel");
    bind(SessionRun, "TF_SessionRun");
    bind(NewTensor, "TF_NewTensor");
    bind(DeleteTensor, "TF_DeleteTensor");
    bind(TensorType, "TF_TensorType");
    bind(NumDims, "TF_NumDims");
    bind(Dim, "TF_Dim");
    bind(TensorByteSize, "TF_TensorByteSize");
    bind(TensorData, "TF_TensorData");
  }

 private:
  static void* Open(const std::string& path) {
    void* handle = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND);
    if (!handle) throw std::runtime_error(dlerror());
    return handle;
  }
};
