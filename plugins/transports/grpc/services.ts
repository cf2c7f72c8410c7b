import type { DescService } from "@bufbuild/protobuf";
import type { ServiceDefinition } from "@grpc/grpc-js";

const raw = (message: Buffer) => message;

/**
 * A service whose messages pass as the bytes they are: decoding is the handlers' work, because an error thrown
 * by a deserializer reaches the client as INTERNAL, without its text.
 *
 * @param methods the methods that are there; others are left to gRPC's own UNIMPLEMENTED
 */
export function rawService({ typeName, methods }: DescService, served: readonly string[]): ServiceDefinition {
  const entries = methods
    .filter(({ name }) => served.includes(name))
    .map(({ name, methodKind }) => [
      name,
      {
        path: `/${typeName}/${name}`,
        requestStream: methodKind === "client_streaming" || methodKind === "bidi_streaming",
        responseStream: methodKind === "server_streaming" || methodKind === "bidi_streaming",
        requestSerialize: raw,
        requestDeserialize: raw,
        responseSerialize: raw,
        responseDeserialize: raw,
      },
    ]);
  return Object.fromEntries(entries);
}
