import { expect, test } from "vitest";
import { histograms, scalars } from "../../../../plugins/telemetry/prometheus/family.js";
import { observe } from "../../../../plugins/telemetry/prometheus/histogram.js";
import { createPage } from "../../../../plugins/telemetry/prometheus/page.js";

/** The families of one thread. */
function counting() {
  const requests = scalars("counter", { name: "requests", labels: ["model"] });
  const times = histograms({ name: "times", labels: ["model"], limits: [1, 2] });
  const loaded = scalars("gauge", { name: "loaded", labels: [] });
  return { requests, times, loaded, page: createPage([requests, times, loaded]) };
}

const own = (page: string) =>
  page
    .split("\n")
    .filter((line) => /^(requests|times|loaded)/.test(line))
    .join("\n");

const posted = (counted: unknown) => structuredClone(counted);

function three() {
  const [main, one, two] = [counting(), counting(), counting()] as const;
  main.loaded.cell().value = 1;
  one.loaded.cell().value = 5;
  one.requests.cell("m").value = 2;
  two.requests.cell("m").value = 3;
  two.requests.cell("n").value = 1;
  observe(one.times.cell("m"), 0.5);
  observe(two.times.cell("m"), 1.5);
  return { main, one, two };
}

const whole = [
  'requests{model="m"} 5',
  'requests{model="n"} 1',
  'times_bucket{model="m",le="1"} 1',
  'times_bucket{model="m",le="2"} 2',
  'times_bucket{model="m",le="+Inf"} 2',
  'times_sum{model="m"} 2',
  'times_count{model="m"} 2',
  "loaded{} 1",
].join("\n");

test("counters and histograms of several threads add up on the page, a gauge is the page owner's", async () => {
  const { main, one, two } = three();
  const elsewhere = [posted(one.page.counted?.()), posted(two.page.counted?.())];
  expect(own(await main.page.render(elsewhere))).toBe(whole);
  // Asking changes nothing.
  expect(own(await main.page.render(elsewhere))).toBe(whole);
  expect(own(await main.page.render())).toBe("loaded{} 1");
});

test("what a thread that has ended counted stays", async () => {
  const { main, one, two } = three();
  main.page.absorb?.(posted(one.page.counted?.()));
  expect(own(await main.page.render([posted(two.page.counted?.())]))).toBe(whole);
});
