import { describe, expect, test } from "vitest";
import { flagsFromEnvironment } from "../../../cli/tensorflow-model-server/environment.js";
import { defaults, type Flag, flags } from "../../../cli/tensorflow-model-server/flags.js";
import { parseFlags, UsageError } from "../../../cli/tensorflow-model-server/parse-flags.js";
import { usage } from "../../../cli/tensorflow-model-server/usage.js";

const refusal = (...args: string[]) => {
  try {
    parseFlags(args);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  return "nothing was thrown";
};

test.each([
  [["--port=9000"], { port: 9000 }],
  [["--port=+9000"], { port: 9000 }],
  [["--port=1", "--port=2"], { port: 2 }],
  [["--enable_batching"], { enable_batching: true }],
  [["--enable_batching=true"], { enable_batching: true }],
  [["--enable_model_warmup=false"], { enable_model_warmup: false }],
  [["--model_name="], { model_name: "" }],
  [["--model_base_path=/m/a=b"], { model_base_path: "/m/a=b" }],
  [["--load_retry_interval_micros=-1"], { load_retry_interval_micros: -1 }],
  [["--load_retry_interval_micros=5000000000"], { load_retry_interval_micros: 5_000_000_000 }],
  [["--per_process_gpu_memory_fraction=0.5"], { per_process_gpu_memory_fraction: 0.5 }],
  [["--per_process_gpu_memory_fraction=1"], { per_process_gpu_memory_fraction: 1 }],
  [["--per_process_gpu_memory_fraction=5e-1"], { per_process_gpu_memory_fraction: 0.5 }],
  [[], {}],
])("%j", (args, wanted) => {
  expect(parseFlags(args)).toEqual(wanted);
});

test.each(flags.map((flag) => [flag.name, flag] as const))("--%s takes its own default back", (name, flag) => {
  expect(parseFlags([`--${name}=${flag.default}`])).toEqual({ [name]: flag.default });
});

describe("refused", () => {
  test.each([
    ["--prot=1", 'unknown argument: --prot=1 (did you mean "--port"?)'],
    ["--modelbasepath=x", 'unknown argument: --modelbasepath=x (did you mean "--model_base_path"?)'],
    ["-port=1", 'unknown argument: -port=1 (did you mean "--port"?)'],
    ["port", 'unknown argument: port (did you mean "--port"?)'],
    ["--completely_other", "unknown argument: --completely_other"],
    ["--", "unknown argument: --"],
    ["--port", "--port needs a value: --port=VALUE"],
    ["--model_name", "--model_name needs a value: --model_name=VALUE"],
    ["--port=", "Couldn't interpret value  for flag port: expected a value of type int."],
    ["--port=x", "Couldn't interpret value x for flag port: expected a value of type int."],
    ["--port=1.5", "Couldn't interpret value 1.5 for flag port: expected a value of type int."],
    ["--port=2147483648", "Couldn't interpret value 2147483648 for flag port: expected a value of type int."],
    ["--enable_batching=True", "Couldn't interpret value True for flag enable_batching: expected true or false."],
    ["--enable_batching=1", "Couldn't interpret value 1 for flag enable_batching: expected true or false."],
    ["--enable_batching=", "Couldn't interpret value  for flag enable_batching: expected true or false."],
    [
      "--load_retry_interval_micros=9223372036854775808",
      "Couldn't interpret value 9223372036854775808 for flag load_retry_interval_micros: expected a value of type int64.",
    ],
    [
      "--per_process_gpu_memory_fraction=half",
      "Couldn't interpret value half for flag per_process_gpu_memory_fraction: expected a value of type float.",
    ],
  ])("%s", (argument, message) => {
    expect(refusal(argument)).toBe(message);
  });
});

test("a value is not taken from the next argument", () => {
  expect(refusal("--port", "9000")).toBe("--port needs a value: --port=VALUE");
  expect(refusal("--enable_batching", "true")).toBe("unknown argument: true");
});

test("the defaults that clients and operators build upon", () => {
  expect(defaults).toMatchObject({
    port: 8500,
    rest_api_port: 0,
    rest_api_timeout_in_ms: 30000,
    model_name: "default",
    max_num_load_retries: 5,
    load_retry_interval_micros: 60_000_000,
    file_system_poll_wait_seconds: 1,
    model_config_file_poll_wait_seconds: 0,
    enable_model_warmup: true,
    saved_model_tags: "serve",
    enable_grpc_healthcheck_service: false,
  });
});

test("the usage names every flag with its default, and says which do nothing", () => {
  const text = usage("tensorflow_model_server");
  for (const { name, default: value } of flags as readonly Flag[]) {
    expect(text).toContain(`--${name}=${typeof value === "string" ? JSON.stringify(value) : value}`);
  }
  expect(text).toMatch(/--mixed_precision=.*without effect/);
});

const imagePorts = { port: 8500, rest_api_port: 8501 };

test.each([
  [{}, {}],
  [{ MODEL_NAME: "", MODEL_BASE_PATH: "" }, {}],
  [
    { MODEL_NAME: "a", MODEL_BASE_PATH: "/m" },
    { ...imagePorts, model_name: "a", model_base_path: "/m/a" },
  ],
  [{ MODEL_NAME: "a" }, { ...imagePorts, model_name: "a", model_base_path: "/models/a" }],
  [{ MODEL_BASE_PATH: "/m" }, { ...imagePorts, model_name: "model", model_base_path: "/m/model" }],
])("the container image's variables %j", (environment, wanted) => {
  expect(flagsFromEnvironment(environment)).toEqual(wanted);
});
