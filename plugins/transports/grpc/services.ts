import type { DescService } from "@bufbuild/protobuf";
import type { Method } from "./engine.js";

/**
 * A service's methods by their paths.
 * @param methods by their names, those that are there; others are left to gRPC's own UNIMPLEMENTED
 */
export const methodsOf = ({ typeName }: DescService, methods: Readonly<Record<string, Method>>) =>
  Object.entries(methods).map(([name, method]) => [`/${typeName}/${name}`, method] as const);
