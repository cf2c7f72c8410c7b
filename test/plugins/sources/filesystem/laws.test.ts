import { checkFactory, describeSource } from "salver/testing";
import { describe, expect, test } from "vitest";
import plugin from "../../../../plugins/sources/filesystem/index.js";
import { openStage } from "./stage.js";

describeSource({ describe, test }, "filesystem", { open: openStage });
describeSource({ describe, test }, "filesystem, with hints", { open: () => openStage({ watch: true }) });

test("the factory is complete", async () => {
  expect(plugin.factories.map((each) => each.type)).toEqual(["filesystem"]);
  for (const factory of plugin.factories) await checkFactory(factory);
});
