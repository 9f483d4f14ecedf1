// Calls every RPC of a runtime with the defaults of gRPC C++. Usage: grpc_client SOCKET
//
// Prints a line of JSON for each step: its name, and its problem or null.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <future>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "contextforge/mcp/runtime/v1/mcp_runtime.grpc.pb.h"

namespace pb = contextforge::mcp::runtime::v1;
using std::chrono::milliseconds;
using Clock = std::chrono::system_clock;

namespace {

// {"email":"client@example.com","teams":[],"is_authenticated":true} in base64url.
constexpr char kClaims[] =
    "eyJlbWFpbCI6ImNsaWVudEBleGFtcGxlLmNvbSIsInRlYW1zIjpbXSwiaXNfYXV0aGVudGljYXRlZCI6dHJ1ZX0";
constexpr char kHandshake[] =
    R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"grpc-c++","version":"1"}})";
constexpr int kFirstId = 1000;
constexpr int kCalls = 100;
constexpr size_t kAnswerBytes = 1024 * 1024;
constexpr milliseconds kTimeout{10'000};

template <typename Actual, typename Wanted>
void Expect(const Actual& actual, const Wanted& wanted) {
  if (actual == wanted) return;
  std::ostringstream problem;
  problem << "got " << actual << " instead of " << wanted;
  throw std::runtime_error(problem.str());
}

void ExpectOk(const grpc::Status& status) {
  if (!status.ok()) {
    throw std::runtime_error(std::to_string(status.error_code()) + " " + status.error_message());
  }
}

std::string Message(int id, const std::string& method, const std::string& params) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method + R"(","params":)" + params + "}";
}

std::string ToolCall(const std::string& name, const std::string& argument, const std::string& value) {
  return Message(1, "tools/call",
                 R"({"name":")" + name + R"(","arguments":{")" + argument + R"(":")" + value + R"("}})");
}

// A string of JSON. The text comes from gRPC or from this program.
std::string Quote(const std::string& text) {
  std::string quoted = "\"";
  for (char each : text) {
    if (each == '"' || each == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(each) < 0x20 ? ' ' : each;
  }
  return quoted + '"';
}

// A caller with one session.
class Caller {
 public:
  explicit Caller(const std::shared_ptr<grpc::Channel>& channel) : stub_(pb::McpRuntime::NewStub(channel)) {}

  void Health() {
    grpc::ClientContext context;
    Limit(context, kTimeout);
    pb::HealthResponse health;
    ExpectOk(stub_->HealthCheck(&context, pb::HealthRequest(), &health));
    Expect(health.status(), "ok");
  }

  void Initialize() {
    pb::McpResponse response = Invoke(Message(1, "initialize", kHandshake));
    session_ = response.headers().at("mcp-session-id");
    Invoke(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", 202);
  }

  void Ping() { Invoke(Message(1, "ping", "{}")); }

  void Metadata() {
    grpc::ClientContext context;
    context.AddMetadata("x-request-id", "a b");
    context.AddMetadata("trace-bin", std::string("\0\xff", 2));
    pb::McpResponse response;
    ExpectOk(Start(context, Message(1, "ping", "{}"), kTimeout, response));
    Expect(response.status(), 200);
  }

  void Stream() {
    grpc::ClientContext context;
    Limit(context, kTimeout);
    auto live = stub_->InvokeStream(&context, Request(""));
    pb::McpChunk chunk;
    Expect(live->Read(&chunk), true);
    Expect(chunk.status(), 200);
    context.TryCancel();
    Expect(live->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }

  void Large() {
    std::string text(kAnswerBytes, 'x');
    Expect(Tool("conformance_echo", "text", text).find(text) != std::string::npos, true);
  }

  // Starts all calls before it waits for an answer.
  void Concurrent() {
    struct Call {
      grpc::ClientContext context;
      grpc::Status status;
      pb::McpResponse response;
      std::unique_ptr<grpc::ClientAsyncResponseReader<pb::McpResponse>> reader;
    };
    grpc::CompletionQueue queue;
    std::vector<std::unique_ptr<Call>> calls;
    for (int id = kFirstId; id < kFirstId + kCalls; id++) {
      auto call = std::make_unique<Call>();
      Limit(call->context, kTimeout);
      call->reader = stub_->AsyncInvoke(&call->context, Request(Message(id, "ping", "{}")), &queue);
      call->reader->Finish(&call->response, &call->status, call.get());
      calls.push_back(std::move(call));
    }
    void* tag;
    bool ok;
    for (int ended = 0; ended < kCalls; ended++) Expect(queue.Next(&tag, &ok) && ok, true);
    for (int index = 0; index < kCalls; index++) {
      ExpectOk(calls[index]->status);
      std::string id = R"("id":)" + std::to_string(kFirstId + index);
      Expect(calls[index]->response.body().find(id) != std::string::npos, true);
    }
  }

  void Deadline() {
    std::string key = "deadline-" + session_;
    grpc::ClientContext context;
    pb::McpResponse response;
    grpc::Status status = Start(context, ToolCall("conformance_wait", "key", key), milliseconds(500), response);
    Expect(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
    AwaitState(key, {"cancelled", "unknown"});
  }

  void Cancel() {
    std::string key = "cancel-" + session_;
    grpc::ClientContext context;
    pb::McpResponse response;
    auto call = std::async(std::launch::async, [&] {
      return Start(context, ToolCall("conformance_wait", "key", key), 3 * kTimeout, response);
    });
    AwaitState(key, {"running"});
    context.TryCancel();
    Expect(call.get().error_code(), grpc::StatusCode::CANCELLED);
    AwaitState(key, {"cancelled"});
  }

  void Close() {
    grpc::ClientContext context;
    Limit(context, kTimeout);
    pb::McpResponse response;
    ExpectOk(stub_->CloseSession(&context, Request(""), &response));
    Expect(response.status() / 100, 2);
  }

 private:
  static void Limit(grpc::ClientContext& context, milliseconds timeout) {
    context.set_deadline(Clock::now() + timeout);
  }

  grpc::Status Start(grpc::ClientContext& context, const std::string& body, milliseconds timeout,
                     pb::McpResponse& response) {
    Limit(context, timeout);
    return stub_->Invoke(&context, Request(body), &response);
  }

  pb::McpResponse Invoke(const std::string& body, int expected_status = 200) {
    grpc::ClientContext context;
    pb::McpResponse response;
    ExpectOk(Start(context, body, kTimeout, response));
    Expect(response.status(), expected_status);
    return response;
  }

  std::string Tool(const std::string& name, const std::string& argument, const std::string& value) {
    return Invoke(ToolCall(name, argument, value)).body();
  }

  // Polls conformance_state until a call of conformance_wait has one of the expected states.
  void AwaitState(const std::string& key, const std::vector<std::string>& expected) {
    auto end = Clock::now() + kTimeout;
    while (true) {
      std::string body = Tool("conformance_state", "key", key);
      for (const std::string& state : expected) {
        if (body.find('"' + state + '"') != std::string::npos) return;
      }
      if (Clock::now() > end)
        throw std::runtime_error("conformance_wait is not " + expected.front() + " after 10 s: " + body);
      std::this_thread::sleep_for(milliseconds(20));
    }
  }

  pb::McpRequest Request(const std::string& body) const {
    pb::McpRequest request;
    request.set_path("/mcp");
    (*request.mutable_headers())["content-type"] = "application/json";
    (*request.mutable_headers())["accept"] = "application/json, text/event-stream";
    request.mutable_auth_context()->set_encoded(kClaims);
    request.set_session_id(session_);
    request.set_body(body);
    return request;
  }

  std::unique_ptr<pb::McpRuntime::Stub> stub_;
  std::string session_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: grpc_client SOCKET\n";
    return 2;
  }
  Caller caller(grpc::CreateChannel(std::string("unix:") + arguments[1], grpc::InsecureChannelCredentials()));
  const std::vector<std::pair<std::string, void (Caller::*)()>> steps = {
      {"health", &Caller::Health},     {"initialize", &Caller::Initialize}, {"ping", &Caller::Ping},
      {"metadata", &Caller::Metadata}, {"stream", &Caller::Stream},         {"large", &Caller::Large},
      {"concurrent", &Caller::Concurrent}, {"deadline", &Caller::Deadline}, {"cancel", &Caller::Cancel},
      {"close", &Caller::Close}};
  for (const auto& [name, run] : steps) {
    std::string problem = "null";
    try {
      (caller.*run)();
    } catch (const std::exception& failure) {
      problem = Quote(failure.what());
    }
    std::cout << R"({"step":)" << Quote(name) << R"(,"problem":)" << problem << "}" << std::endl;
  }
}
