import { describeSource } from "salver/testing";
import { describe, test } from "vitest";
import { openHttpStage } from "./stage.js";

const noSums = { forge: "an index has no sums: nothing says what the bytes should be" };
const named = { publishSlowly: "a manifest names a version when it is complete" };

describeSource({ describe, test }, "http, a manifest", { open: () => openHttpStage("manifest"), exempt: named });
describeSource({ describe, test }, "http, a signed manifest", { open: () => openHttpStage("signed"), exempt: named });
describeSource({ describe, test }, "http, nginx's index", { open: () => openHttpStage("index"), exempt: noSums });
describeSource({ describe, test }, "http, Apache's index without ETags, with a marker", {
  open: () => openHttpStage("index", { marker: "_SUCCESS" }, { index: "apache", datesOnly: true }),
  exempt: noSums,
});
