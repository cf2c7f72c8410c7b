import {
  create,
  type DescFile,
  type DescMessage,
  type DescService,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type Logger } from "../../../core/index.js";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../../../protos/gen/grpc/reflection/v1/reflection_pb.js";
import type { Method, StreamCall, StreamListener } from "./engine.js";
import { decodeMessage, encode } from "./messages.js";
import { OK, toStatus } from "./status.js";

type Answer = MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"];

export type Reflection = {
  /** Good for version 1 and for v1alpha: their messages are the same on the wire. */
  readonly handlers: { readonly ServerReflectionInfo: Method };
  /** Ends the streams that clients have left open. */
  drain(): void;
};

function collect(file: DescFile, into: Set<DescFile>): Set<DescFile> {
  if (into.has(file)) return into;
  for (const dependency of file.dependencies) collect(dependency, into);
  return into.add(file);
}

/** A file and all that it needs: itself first, every other before its own dependencies. */
const withDependencies = (file: DescFile): readonly DescFile[] => [...collect(file, new Set())].reverse();

const membersOf = (message: DescMessage) =>
  [...message.fields, ...message.oneofs].map(({ name }) => `${message.typeName}.${name}`);

/** Full names of what a file declares. */
function* symbolsOf(file: DescFile): Iterable<string> {
  for (const type of nestedTypes(file)) {
    yield type.typeName;
    if (type.kind === "message") yield* membersOf(type);
    else if (type.kind === "service") for (const { name } of type.methods) yield `${type.typeName}.${name}`;
  }
}

const notFound = (what: string): Answer => ({
  case: "errorResponse",
  value: { errorCode: Code.NOT_FOUND, errorMessage: `${what} is not known here` },
});

/** gRPC's server reflection over the descriptors in the generated code. */
export function createReflection(services: readonly DescService[], log: Logger): Reflection {
  const files = new Map<string, DescFile>();
  for (const { file } of services) for (const each of withDependencies(file)) files.set(each.proto.name, each);
  const symbols = new Map<string, DescFile>();
  for (const file of files.values()) for (const name of symbolsOf(file)) symbols.set(name, file);
  const open = new Set<StreamCall>();

  function describe(what: string, file: DescFile | undefined): Answer {
    if (file === undefined) return notFound(what);
    const protos = withDependencies(file).map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
    return { case: "fileDescriptorResponse", value: { fileDescriptorProto: protos } };
  }

  function answer({ messageRequest: { case: kind, value } }: ServerReflectionRequest): Answer {
    switch (kind) {
      case "listServices":
        return {
          case: "listServicesResponse",
          value: { service: services.map(({ typeName }) => ({ name: typeName })) },
        };
      case "fileByFilename":
        return describe(`the file ${value}`, files.get(value));
      case "fileContainingSymbol":
        return describe(`the symbol ${value}`, symbols.get(value));
      case "fileContainingExtension":
        return notFound(`extension ${value.extensionNumber} of ${value.containingType}`);
      case "allExtensionNumbersOfType":
        return symbols.has(value)
          ? { case: "allExtensionNumbersResponse", value: { baseTypeName: value } }
          : notFound(`the type ${value}`);
      default:
        return { case: "errorResponse", value: { errorCode: Code.UNIMPLEMENTED, errorMessage: "an unknown request" } };
    }
  }

  function serverReflectionInfo(call: StreamCall): StreamListener {
    open.add(call);
    return {
      message: (bytes) => {
        try {
          const request = decodeMessage(ServerReflectionRequestSchema, bytes);
          const response = { validHost: request.host, originalRequest: request, messageResponse: answer(request) };
          call.send(encode(ServerReflectionResponseSchema, create(ServerReflectionResponseSchema, response)));
        } catch (error) {
          call.end(toStatus(error, log));
        }
      },
      halfClose: () => call.end(OK),
      closed: () => open.delete(call),
    };
  }

  return {
    handlers: { ServerReflectionInfo: { kind: "bidi", open: serverReflectionInfo } },
    drain: () => {
      for (const call of open) call.end(OK);
      open.clear();
    },
  };
}
