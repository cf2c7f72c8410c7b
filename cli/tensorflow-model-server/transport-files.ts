import { invalidArgument, isPem, messageOf, readTls, type TlsOptions } from "../../core/index.js";
import { MonitoringConfigSchema } from "../../protos/gen/tensorflow_serving/config/monitoring_config_pb.js";
import { SSLConfigSchema } from "../../protos/gen/tensorflow_serving/config/ssl_config_pb.js";
import type { GivenFlags } from "./flags.js";
import { readTextFile } from "./text-file.js";

type Options = Readonly<Record<string, unknown>>;

/** Options of the transports by their types. */
export type TransportFiles = { readonly grpc: Options; readonly rest: Options };

export const noTransportFiles: TransportFiles = { grpc: {}, rest: {} };

/** What the files of `ssl_config_file` and `monitoring_config_file` say. @throws ServingError */
export async function transportFiles(flags: GivenFlags, signal?: AbortSignal): Promise<TransportFiles> {
  return {
    grpc: flags.ssl_config_file ? { tls: await tlsOf(flags.ssl_config_file, signal) } : {},
    rest: flags.monitoring_config_file
      ? { metricsPath: await metricsPathOf(flags.monitoring_config_file, signal) }
      : {},
  };
}

/** The message's names for the options of a transport. */
const fields = { key: "server_key", cert: "server_cert", clientCa: "custom_ca" };

/** The proto holds PEM text where a transport's options may name a file too. */
async function tlsOf(file: string, signal: AbortSignal | undefined): Promise<TlsOptions> {
  const { serverKey, serverCert, customCa, clientVerify } = await readTextFile(SSLConfigSchema, file, { signal });
  if (serverKey === "" || serverCert === "") {
    throw invalidArgument(`${file}: server_key and server_cert are needed, each as PEM text`);
  }
  if (clientVerify && customCa === "") {
    throw invalidArgument(`${file}: client_verify needs custom_ca, the authorities of clients' certificates`);
  }
  const tls = { key: serverKey, cert: serverCert, ...(customCa !== "" && { clientCa: customCa }), clientVerify };
  for (const [option, field] of Object.entries(fields)) {
    const text = tls[option as keyof typeof fields];
    if (text !== undefined && !isPem(text)) {
      // What is there may be a secret: it is not shown.
      throw invalidArgument(
        `${file}: ${field}: expected PEM text that begins with -----BEGIN, got other text of ${text.length} characters; the file holds the text itself, not the path of a .pem file`,
      );
    }
  }
  await readTls(tls, "", fields).catch((error: unknown) => {
    throw invalidArgument(`${file}: ${messageOf(error)}`, error);
  });
  return tls;
}

/** TensorFlow Serving's own path unless the file names one; nothing is served unless the file enables it. */
async function metricsPathOf(file: string, signal: AbortSignal | undefined): Promise<string | false> {
  const { prometheusConfig } = await readTextFile(MonitoringConfigSchema, file, { signal });
  if (!prometheusConfig?.enable) return false;
  return prometheusConfig.path || "/monitoring/prometheus/metrics";
}
