import type { EventEmitter } from "node:events";
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
} from "@grpc/grpc-js";
import { Code, RequestMemory } from "../../../../../core/index.js";
import type { Call, Method, StreamCall, StreamListener } from "../../engine.js";
import { abortReason } from "../../status.js";

type Unary = ServerUnaryCall<Buffer, Buffer>;
type ServerStream = ServerWritableStream<Buffer, Buffer>;
type Bidi = ServerDuplexStream<Buffer, Buffer>;
type Streaming = Extract<Method, { kind: "server-stream" | "bidi" }>;

type Ending = { over: boolean };

/** gRPC emits "cancelled" at the end of every call too; `ending` says which it was. */
function about(call: EventEmitter & Pick<Unary, "getDeadline" | "metadata">, ending: Ending): Call {
  const deadline = Number(call.getDeadline());
  const abort = new AbortController();
  let aborted = false;
  call.once("cancelled", () => {
    if (!ending.over) {
      aborted = true;
      abort.abort(abortReason(deadline));
    }
    ending.over = true;
  });
  return {
    deadline,
    // Made when it is read: most of what a controller costs is its signal.
    get signal() {
      return abort.signal;
    },
    get aborted() {
      return aborted;
    },
    metadata: (name) => {
      const [value] = call.metadata.get(name);
      return value === undefined ? undefined : String(value);
    },
  };
}

export function unaryCall({ handle }: Extract<Method, { kind: "unary" }>): handleUnaryCall<Buffer, Buffer> {
  return (call, callback) => {
    const ending = { over: false };
    const parts = about(call, ending);
    const end = (...answer: Parameters<typeof callback>) => {
      ending.over = true;
      callback(...answer);
    };
    handle(
      Object.assign(parts, {
        request: call.request,
        memory: new RequestMemory(),
        succeed: (response: Buffer) => end(null, response),
        fail: (status: Parameters<typeof callback>[0]) => end(status),
      }),
    );
  };
}

function streamCall(call: ServerStream | Bidi): StreamCall {
  const ending = { over: false };
  return Object.assign(about(call, ending), {
    send: (message: Buffer) => {
      if (!ending.over) call.write(message);
    },
    end: (status: Parameters<StreamCall["end"]>[0]) => {
      if (ending.over) return;
      ending.over = true;
      if (status.code === Code.OK) call.end();
      else call.emit("error", status);
    },
  });
}

function opened({ open }: Streaming, call: ServerStream | Bidi): StreamListener {
  const listener = open(streamCall(call));
  call.once("cancelled", () => listener.closed());
  return listener;
}

export function serverStreamCall(method: Streaming): handleServerStreamingCall<Buffer, Buffer> {
  return (call) => {
    const listener = opened(method, call);
    listener.message(call.request);
    listener.halfClose();
  };
}

export function bidiCall(method: Streaming): handleBidiStreamingCall<Buffer, Buffer> {
  return (call) => {
    const listener = opened(method, call);
    call.on("data", (bytes: Buffer) => listener.message(bytes));
    call.once("end", () => listener.halfClose());
  };
}
