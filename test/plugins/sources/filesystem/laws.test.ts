import { checkFactory, describeSource } from "salver/testing";
import { describe, expect, test } from "vitest";
import plugin from "../../../../plugins/sources/filesystem/index.js";
import { openStage } from "./stage.js";

const exempt = {
  disturb: "no wire lies between it and its versions",
  fallSilent: "the system gives no way to make a folder hang",
  hold: "it opens a version where it is: nothing is under way",
  forge: "nothing is announced of the bytes in a folder",
};

describeSource({ describe, test }, "filesystem", { open: openStage, exempt });
describeSource({ describe, test }, "filesystem, with hints", { open: () => openStage({ watch: true }), exempt });

test("the factory is complete", async () => {
  expect(plugin.factories.map((each) => each.type)).toEqual(["filesystem"]);
  for (const factory of plugin.factories) await checkFactory(factory);
});
