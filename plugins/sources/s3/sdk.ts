import { failedPrecondition, messageOf, type Problem } from "../../../core/index.js";

export type Sdk = typeof import("@aws-sdk/client-s3");

/** @throws ServingError FAILED_PRECONDITION when it is not installed */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import("@aws-sdk/client-s3");
  } catch (error) {
    throw failedPrecondition(
      `the source s3 needs the package @aws-sdk/client-s3: npm install @aws-sdk/client-s3 (${messageOf(error).split("\n")[0]})`,
      error,
    );
  }
}

export const checkSdk = async (): Promise<readonly Problem[]> =>
  loadSdk().then(
    () => [],
    (error: unknown) => [{ message: messageOf(error) }],
  );
