import static contextforge.mcp.runtime.v1.McpRuntimeOuterClass.HealthRequest;
import static contextforge.mcp.runtime.v1.McpRuntimeOuterClass.HealthResponse;
import static contextforge.mcp.runtime.v1.McpRuntimeOuterClass.McpAuthContext;
import static contextforge.mcp.runtime.v1.McpRuntimeOuterClass.McpChunk;
import static contextforge.mcp.runtime.v1.McpRuntimeOuterClass.McpRequest;
import static contextforge.mcp.runtime.v1.McpRuntimeOuterClass.McpResponse;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * Calls every RPC of a runtime with the defaults of grpc-java. Usage: GrpcClient SOCKET
 *
 * <p>Prints a line of JSON for each step: its name, and its problem or null.
 */
public final class GrpcClient {
  private static final String CLAIMS = "{\"email\":\"client@example.com\",\"teams\":[],\"is_authenticated\":true}";
  private static final String HANDSHAKE =
      "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"grpc-java\",\"version\":\"1\"}}";
  private static final int CALLS = 100;
  private static final int FIRST_ID = 1000;
  private static final int ANSWER_BYTES = 1024 * 1024;

  private static final MethodDescriptor<McpRequest, McpResponse> INVOKE =
      method("Invoke", McpRequest.getDefaultInstance(), McpResponse.getDefaultInstance());
  private static final MethodDescriptor<McpRequest, McpResponse> CLOSE_SESSION =
      method("CloseSession", McpRequest.getDefaultInstance(), McpResponse.getDefaultInstance());
  private static final MethodDescriptor<HealthRequest, HealthResponse> HEALTH_CHECK =
      method("HealthCheck", HealthRequest.getDefaultInstance(), HealthResponse.getDefaultInstance());
  private static final MethodDescriptor<McpRequest, McpChunk> INVOKE_STREAM =
      method("InvokeStream", McpRequest.getDefaultInstance(), McpChunk.getDefaultInstance()).toBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .build();

  private final Channel channel;
  private String session = "";

  private GrpcClient(Channel channel) {
    this.channel = channel;
  }

  /** Runs all steps. */
  public static void main(String[] arguments) {
    ManagedChannel channel =
        Grpc.newChannelBuilder("unix:" + arguments[0], InsecureChannelCredentials.create()).build();
    try {
      for (Map.Entry<String, Callable<Void>> step : new GrpcClient(channel).steps().entrySet()) {
        JsonObject outcome = new JsonObject();
        outcome.addProperty("step", step.getKey());
        try {
          step.getValue().call();
          outcome.add("problem", JsonNull.INSTANCE);
        } catch (Exception problem) {
          outcome.add("problem", new JsonPrimitive(problem.toString()));
        }
        System.out.println(outcome);
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private Map<String, Callable<Void>> steps() {
    Map<String, Callable<Void>> steps = new LinkedHashMap<>();
    steps.put("health", this::health);
    steps.put("initialize", this::initialize);
    steps.put("ping", () -> ping(channel));
    steps.put("metadata", this::metadata);
    steps.put("stream", this::stream);
    steps.put("large", this::large);
    steps.put("concurrent", this::concurrent);
    steps.put("deadline", this::deadline);
    steps.put("cancel", this::cancel);
    steps.put("close", this::close);
    return steps;
  }

  private Void health() {
    HealthRequest request = HealthRequest.getDefaultInstance();
    expect(ClientCalls.blockingUnaryCall(channel, HEALTH_CHECK, within(10_000), request).getStatus(), "ok");
    return null;
  }

  private Void initialize() {
    McpResponse response = invoke(rpc(1, "initialize", HANDSHAKE));
    expect(response.getStatus(), 200);
    session = response.getHeadersOrThrow("mcp-session-id");
    expect(invoke("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}").getStatus(), 202);
    return null;
  }

  private Void ping(Channel channel) {
    McpRequest request = request(rpc(1, "ping", "{}"));
    expect(ClientCalls.blockingUnaryCall(channel, INVOKE, within(10_000), request).getStatus(), 200);
    return null;
  }

  private Void metadata() {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), "a b");
    metadata.put(Metadata.Key.of("trace-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {0, (byte) 255});
    return ping(ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata)));
  }

  private Void stream() {
    ClientCall<McpRequest, McpChunk> call = channel.newCall(INVOKE_STREAM, within(10_000));
    Iterator<McpChunk> chunks = ClientCalls.blockingServerStreamingCall(call, request(""));
    expect(chunks.next().getStatus(), 200);
    call.cancel("the step is complete", null);
    return null;
  }

  private Void large() {
    String text = "x".repeat(ANSWER_BYTES);
    String body = tool("conformance_echo", "{\"text\":\"" + text + "\"}");
    expect(body.contains(text), true);
    return null;
  }

  private Void concurrent() throws Exception {
    List<ListenableFuture<McpResponse>> answers = new ArrayList<>();
    for (int id = FIRST_ID; id < FIRST_ID + CALLS; id++) {
      answers.add(start(rpc(id, "ping", "{}"), 10_000));
    }
    for (int id = FIRST_ID; id < FIRST_ID + CALLS; id++) {
      String body = answers.get(id - FIRST_ID).get().getBody().toStringUtf8();
      expect(body.contains("\"id\":" + id), true);
    }
    return null;
  }

  private Void deadline() throws Exception {
    String key = "deadline-" + session;
    Status status = failure(start(waitFor(key), 500));
    expect(status.getCode(), Status.Code.DEADLINE_EXCEEDED);
    awaitState(key, Set.of("cancelled", "unknown"));
    return null;
  }

  private Void cancel() throws Exception {
    String key = "cancel-" + session;
    ListenableFuture<McpResponse> call = start(waitFor(key), 30_000);
    awaitState(key, Set.of("running"));
    call.cancel(true);
    awaitState(key, Set.of("cancelled"));
    return null;
  }

  private Void close() {
    McpResponse response =
        ClientCalls.blockingUnaryCall(channel, CLOSE_SESSION, within(10_000), request(""));
    expect(response.getStatus() / 100, 2);
    return null;
  }

  /** Polls conformance_state until a call of conformance_wait has one of the expected states. */
  private void awaitState(String key, Set<String> expected) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      String body = tool("conformance_state", "{\"key\":\"" + key + "\"}");
      if (expected.stream().anyMatch(state -> body.contains("\"" + state + "\""))) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException("conformance_wait is not " + expected + " after 10 s: " + body);
      }
      Thread.sleep(20);
    }
  }

  private static Status failure(ListenableFuture<McpResponse> call) throws InterruptedException {
    try {
      call.get();
      return Status.OK;
    } catch (java.util.concurrent.ExecutionException failure) {
      return Status.fromThrowable(failure);
    }
  }

  private String tool(String name, String arguments) {
    McpResponse response = invoke(toolCall(name, arguments));
    expect(response.getStatus(), 200);
    return response.getBody().toStringUtf8();
  }

  private McpResponse invoke(String body) {
    return ClientCalls.blockingUnaryCall(channel, INVOKE, within(10_000), request(body));
  }

  private ListenableFuture<McpResponse> start(String body, long milliseconds) {
    return ClientCalls.futureUnaryCall(channel.newCall(INVOKE, within(milliseconds)), request(body));
  }

  private static CallOptions within(long milliseconds) {
    return CallOptions.DEFAULT.withDeadlineAfter(milliseconds, TimeUnit.MILLISECONDS);
  }

  private static String waitFor(String key) {
    return toolCall("conformance_wait", "{\"key\":\"" + key + "\"}");
  }

  private static String toolCall(String name, String arguments) {
    return rpc(1, "tools/call", "{\"name\":\"" + name + "\",\"arguments\":" + arguments + "}");
  }

  private static String rpc(int id, String method, String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}";
  }

  private McpRequest request(String body) {
    byte[] claims = CLAIMS.getBytes(StandardCharsets.UTF_8);
    String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(claims);
    return McpRequest.newBuilder()
        .setPath("/mcp")
        .putHeaders("content-type", "application/json")
        .putHeaders("accept", "application/json, text/event-stream")
        .setAuthContext(McpAuthContext.newBuilder().setEncoded(encoded))
        .setSessionId(session)
        .setBody(ByteString.copyFromUtf8(body))
        .build();
  }

  /** A unary RPC, as generated stubs describe it. */
  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(String name, Q request, A answer) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("contextforge.mcp.runtime.v1.McpRuntime", name))
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(answer))
        .build();
  }

  private static void expect(Object actual, Object wanted) {
    if (!actual.equals(wanted)) {
      throw new IllegalStateException("got " + actual + " instead of " + wanted);
    }
  }
}
