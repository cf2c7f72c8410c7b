import { expect, test } from "vitest";
import { checkFlags, checkValues, withoutEffect } from "../../../cli/tensorflow-model-server/check-flags.js";
import { defaults, type Flag, flags, type GivenFlags } from "../../../cli/tensorflow-model-server/flags.js";

const serving = { ...defaults, model_base_path: "/m" };
const refusal = (values: GivenFlags) => {
  try {
    checkFlags({ ...serving, ...values });
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
  return "nothing was thrown";
};

test("a model's folder is enough", () => {
  expect(refusal({})).toBe("nothing was thrown");
});

test.each<[GivenFlags, string]>([
  [
    { port: 0 },
    "INVALID_ARGUMENT: At least one of server_options.grpc_port or server_options.grpc_socket_path must be set.",
  ],
  [
    { model_base_path: "" },
    "INVALID_ARGUMENT: Both server_options.model_base_path and server_options.model_config_file are empty!",
  ],
  [
    { batching_parameters_file: "/b" },
    "INVALID_ARGUMENT: server_options.batching_parameters_file is set without setting server_options.enable_batching to true.",
  ],
  [{ port: 65536 }, "INVALID_ARGUMENT: --port: expected a port from 0 to 65535, got 65536"],
  [{ rest_api_port: -1 }, "INVALID_ARGUMENT: --rest_api_port: expected a port from 0 to 65535, got -1"],
  [{ max_num_load_retries: -1 }, "INVALID_ARGUMENT: --max_num_load_retries: must not be below 0, got -1"],
  [
    { per_process_gpu_memory_fraction: 1.5 },
    "INVALID_ARGUMENT: --per_process_gpu_memory_fraction: expected a share from 0 to 1, got 1.5",
  ],
  [
    {
      tensorflow_session_parallelism: 2,
      tensorflow_intra_op_parallelism: 2,
      tensorflow_inter_op_parallelism: 2,
    },
    "INVALID_ARGUMENT: --tensorflow_session_parallelism excludes --tensorflow_intra_op_parallelism and --tensorflow_inter_op_parallelism together",
  ],
])("%j", (values, message) => {
  expect(refusal(values)).toBe(message);
});

test("beside a platform config the flags about batching are not looked at", () => {
  expect(refusal({ batching_parameters_file: "/b", platform_config_file: "/p" })).toBe("nothing was thrown");
});

test("no look at all for versions is for the command alone, not for a config with flags", () => {
  expect(refusal({ file_system_poll_wait_seconds: -1 })).toBe("nothing was thrown");
  expect(() => checkValues({ file_system_poll_wait_seconds: -1 })).toThrow(
    "--file_system_poll_wait_seconds: must not be below 0, got -1",
  );
});

const other = ({ type, default: value }: Flag) => (type === "bool" ? !value : type === "string" ? "x" : 7);
const ofEffect = (effect: Flag["effect"]) => (flags as readonly Flag[]).filter((flag) => flag.effect === effect);

test.each(ofEffect("unsupported").map((flag) => [flag.name, flag] as const))(
  "--%s is refused by its name, but not with its default",
  (name, flag) => {
    expect(() => checkValues({ [name]: flag.default })).not.toThrow();
    expect(() => checkValues({ [name]: other(flag) })).toThrow(
      expect.objectContaining({ code: "UNIMPLEMENTED", message: expect.stringContaining(`--${name} `) }),
    );
  },
);

test.each(ofEffect("none").map((flag) => [flag.name, flag] as const))(
  "--%s is named as without effect",
  (name, flag) => {
    expect(withoutEffect({ [name]: other(flag) })).toEqual([`--${name}`]);
    expect(withoutEffect({ [name]: flag.default, port: 7 })).toEqual([]);
  },
);
