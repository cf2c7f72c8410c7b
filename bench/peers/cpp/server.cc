// <server> <port> <threads> <name>=<path>...
//
// Asynchronous gRPC: a completion queue and a thread for each core, which reads a request, runs it and answers it without
// handing it to another thread. Messages live on an arena that belongs to the call and is used again.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>

#include "engine.h"
#include "tensorflow_serving/apis/prediction_service.grpc.pb.h"

namespace {

using tensorflow::serving::PredictionService;
using tensorflow::serving::PredictRequest;
using tensorflow::serving::PredictResponse;
using Models = std::unordered_map<std::string, std::unique_ptr<Model>>;

constexpr int kCallsWaiting = 128;
constexpr size_t kArenaBlock = 16 * 1024;

class Call {
 public:
  Call(PredictionService::AsyncService& service, grpc::ServerCompletionQueue& queue, const Models& models)
      : service_(service), queue_(queue), models_(models), arena_(ArenaOver(block_, sizeof(block_))) {
    Await();
  }

  void Proceed() {
    if (serving_) {
      serving_ = false;
      Await();
      return;
    }
    serving_ = true;
    auto* response = google::protobuf::Arena::CreateMessage<PredictResponse>(&arena_);
    const grpc::Status status = Predict(*response);
    if (status.ok()) {
      responder_->Finish(*response, status, this);
    } else {
      responder_->FinishWithError(status, this);
    }
  }

 private:
  static google::protobuf::ArenaOptions ArenaOver(char* block, size_t size) {
    google::protobuf::ArenaOptions options;
    options.initial_block = block;
    options.initial_block_size = size;
    return options;
  }

  void Await() {
    responder_.reset();
    context_.emplace();
    responder_.emplace(&*context_);
    arena_.Reset();
    request_ = google::protobuf::Arena::CreateMessage<PredictRequest>(&arena_);
    service_.RequestPredict(&*context_, request_, &*responder_, &queue_, &queue_, this);
  }

  grpc::Status Predict(PredictResponse& response) const {
    const auto& spec = request_->model_spec();
    const auto found = models_.find(spec.name());
    if (found == models_.end()) return {grpc::StatusCode::NOT_FOUND, "no model " + spec.name()};
    auto* answered = response.mutable_model_spec();
    answered->set_name(spec.name());
    answered->mutable_version()->set_value(1);
    answered->set_signature_name("serving_default");
    return found->second->Predict(*request_, response);
  }

  PredictionService::AsyncService& service_;
  grpc::ServerCompletionQueue& queue_;
  const Models& models_;
  alignas(16) char block_[kArenaBlock];
  google::protobuf::Arena arena_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<PredictResponse>> responder_;
  PredictRequest* request_ = nullptr;
  bool serving_ = false;
};

void Serve(PredictionService::AsyncService& service, grpc::ServerCompletionQueue& queue, const Models& models) {
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < kCallsWaiting; i++) calls.push_back(std::make_unique<Call>(service, queue, models));
  void* tag;
  bool ok;
  // A reply that could not be sent (the client went away) leaves a call that is used again like any other.
  while (queue.Next(&tag, &ok)) static_cast<Call*>(tag)->Proceed();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s <port> <threads> <name>=<path>...\n", argv[0]);
    return 2;
  }
  Models models;
  try {
    for (int i = 3; i < argc; i++) {
      const std::string argument = argv[i];
      const size_t split = argument.find('=');
      models[argument.substr(0, split)] = LoadModel(argument.substr(split + 1));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  PredictionService::AsyncService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(std::string("127.0.0.1:") + argv[1], grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(-1);
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  for (int i = 0; i < std::atoi(argv[2]); i++) queues.push_back(builder.AddCompletionQueue());
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) {
    std::fprintf(stderr, "cannot listen on port %s\n", argv[1]);
    return 1;
  }
  std::vector<std::thread> threads;
  for (auto& queue : queues) threads.emplace_back([&] { Serve(service, *queue, models); });
  std::printf("ready on %d\n", port);
  std::fflush(stdout);
  // SIGTERM ends the process: there is nothing to save.
  for (auto& thread : threads) thread.join();
}
