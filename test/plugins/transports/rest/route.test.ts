import { describe, expect, it } from "vitest";
import { parseRoute } from "../../../../plugins/transports/rest/route.js";

describe("URLs", () => {
  it.each([
    ["GET", "/v1/models/m", "status", { name: "m" }],
    ["GET", "/v1/models/m/versions/12", "status", { name: "m", version: 12n }],
    ["GET", "/v1/models/m/labels/canary", "status", { name: "m", label: "canary" }],
    ["GET", "/v1/models/m/metadata", "metadata", { name: "m" }],
    ["GET", "/v1/models/m/versions/1/metadata", "metadata", { name: "m", version: 1n }],
    ["GET", "/v1/models/metadata", "status", { name: "metadata" }],
    ["GET", "/v1/models/m/batches", "batches", { name: "m" }],
    ["GET", "/V1/models/m/labels/canary/Batches", "batches", { name: "m", label: "canary" }],
    ["POST", "/v1/models/m:predict", "predict", { name: "m" }],
    ["POST", "/V1/Models/m/VERSIONS/3:predict", "predict", { name: "m", version: 3n }],
    ["POST", "/v1/models/m/labels/a%2Fb:classify", "classify", { name: "m", label: "a/b" }],
    ["POST", "/v1/models/a%20%3A%C3%A9:regress", "regress", { name: "a :é" }],
    ["POST", `/v1/models/m/versions/${2n ** 63n - 1n}:predict`, "predict", { name: "m", version: 2n ** 63n - 1n }],
  ])("%s %s is %s of %o", (method, target, action, spec) => {
    expect(parseRoute(method, target)).toEqual({ action, spec });
  });

  it.each([
    ["GET", "/v1/models/m:predict"],
    ["POST", "/v1/models/m"],
    ["PUT", "/v1/models/m"],
    ["POST", "/v1/models/m:PREDICT"],
    ["POST", "/v1/models/m:explain"],
    ["POST", "/v1/models/m:predict?x=1"],
    ["POST", "/v1/models/m/version/1:predict"],
    ["POST", "/v1/models/m/versions/1/labels/a:predict"],
    ["POST", "/v1/models/m/versions/x:predict"],
    ["POST", "/v1/models/%zz:predict"],
    ["GET", "/v1/models/m/"],
    ["GET", "/v1/models/m/batch"],
    ["POST", "/v1/models/m/batches"],
    ["GET", "/v1/"],
    ["GET", "/v1/modelsx"],
  ])("%s %s is malformed", (method, target) => {
    expect(() => parseRoute(method, target)).toThrow(`Malformed request: ${method} ${target}`);
  });

  it("says what is missing or too large", () => {
    expect(() => parseRoute("GET", "/v1/models")).toThrow("Missing model name in request.");
    expect(() => parseRoute("GET", "/v1/models/m/versions/9223372036854775808")).toThrow(
      "Failed to convert version: 9223372036854775808 to numeric.",
    );
  });
});
