import { describeSource, type SourceStage } from "salver/testing";
import { describe, expect, test } from "vitest";
import { broken, runKit } from "./collect.js";
import { type Flaw, openCopying } from "./copying-source.js";

const exempt = { publishSlowly: "a map takes a version whole" };
describeSource({ describe, test }, "that copies", { open: openCopying, exempt });

test.each<[Flaw, RegExp]>([
  ["repeats itself", /only|first sighting|whole truth/],
  ["throws when it is aborted", /abort ends/],
  ["opens what is not there", /complete path/],
  ["takes trouble for emptiness", /trouble in looking/],
  ["throws what is no ServingError", /opening: server error/],
  ["writes where it can be seen", /shows nobody a part/],
  ["leaves pieces", /no more and more/],
  ["mixes", /never mixed/],
  ["trusts what comes", /other bytes than were announced/],
  ["keeps what it refuses", /other bytes than were announced/],
  ["gives up what others use", /what one of two has released/],
])("a source that %s is found out", async (flaw, law) => {
  const kit = await runKit((runner) => describeSource(runner, "flawed", { open: () => openCopying(flaw), exempt }));
  expect(broken(kit).join("\n")).toMatch(law);
});

test("a stage that cannot bring a fault about has to say why", async () => {
  const unable = async (): Promise<SourceStage> => {
    const { breakDown: _, hold: __, ...stage } = await openCopying();
    return stage;
  };
  const silent = await runKit((runner) => describeSource(runner, "lazy", { open: unable, exempt }));
  expect(broken(silent)).toHaveLength(6);
  const because = { ...exempt, breakDown: "a map is always there", hold: "a map does not wait" };
  const excused = await runKit((runner) => describeSource(runner, "excused", { open: unable, exempt: because }));
  expect(broken(excused)).toEqual([]);
});
