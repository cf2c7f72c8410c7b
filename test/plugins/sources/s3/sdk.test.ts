import { fakeHost } from "salver/testing";
import { expect, test, vi } from "vitest";
import plugin from "../../../../plugins/sources/s3/index.js";
import { loadSdk } from "../../../../plugins/sources/s3/sdk.js";

vi.mock("@aws-sdk/client-s3", () => {
  throw new Error("Cannot find package '@aws-sdk/client-s3'");
});

test("without the package, what to install is said before anything starts", async () => {
  await expect(loadSdk()).rejects.toMatchObject({
    code: "FAILED_PRECONDITION",
    message: expect.stringMatching(/needs the package @aws-sdk\/client-s3: npm install @aws-sdk\/client-s3/),
  });
  const [source] = plugin.factories;
  const problems = await source?.check?.({}, fakeHost());
  expect(problems).toEqual([{ message: expect.stringMatching(/npm install @aws-sdk\/client-s3/) }]);
});
