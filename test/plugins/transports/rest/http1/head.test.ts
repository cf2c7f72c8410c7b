import { describe, expect, it } from "vitest";
import { readHead } from "../../../../../plugins/transports/rest/engines/http1/head.js";

const read = (text: string, start = 0) => readHead(Buffer.from(text, "latin1"), start);
const whole =
  "POST /v1/models/m:predict HTTP/1.1\r\nhOsT: localhost:8501\r\nAccept: */*\r\nCONTENT-LENGTH:\t 12 \r\nsalver-priority: low\r\n\r\n";

describe("a head", () => {
  it("is read wherever it begins, and what follows it is not", () => {
    const head = {
      method: "POST",
      target: "/v1/models/m:predict",
      host: "localhost:8501",
      length: 12,
      keepAlive: true,
      priority: "low",
    };
    expect(read(whole)).toEqual({ ...head, end: whole.length });
    expect(read(`xyz${whole}\0\0`, 3)).toEqual({ ...head, end: whole.length + 3 });
    expect(read(whole.replace("Accept: */*", "Connection: Close"))).toMatchObject({ keepAlive: false });
    expect(read("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toMatchObject({ method: "GET", target: "/", length: 0 });
  });

  it("that has not come whole is known for it, and not taken", () => {
    for (let end = 0; end < whole.length; end++) expect([end, read(whole.slice(0, end))]).toEqual([end, "partial"]);
  });

  it("is refused at the first byte that is unusual, however much is to come", () => {
    for (const start of [
      "\r\n",
      "PUT",
      "GETS",
      "POST  ",
      "POST h",
      "GET / HTTP/1.0",
      "GET / HTTP/1.1\n",
      "GET / HTTP/1.1\r\n\n",
    ]) {
      expect([start, read(start)]).toEqual([start, "unusual"]);
    }
  });
});
