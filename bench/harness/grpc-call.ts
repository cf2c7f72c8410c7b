import { Client, credentials, Metadata } from "@grpc/grpc-js";

const METHOD = "/tensorflow.serving.PredictionService/Predict";
const same = (bytes: Buffer): Buffer => bytes;

/** One Predict call: serialized request and response. @throws after so many milliseconds */
export async function askGrpc(port: number, request: Uint8Array, patience: number): Promise<Uint8Array> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      const options = { deadline: Date.now() + patience };
      client.makeUnaryRequest(METHOD, same, same, Buffer.from(request), new Metadata(), options, (error, reply) =>
        reply ? resolve(reply) : reject(error ?? new Error("no reply")),
      );
    });
  } finally {
    client.close();
  }
}
