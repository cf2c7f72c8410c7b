import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// Answers every request with so many bytes, as fast as they are taken; says its port and their SHA-256.
const [, , length = "0"] = process.argv;
const size = Number(length);
const piece = Buffer.alloc(1 << 20, "salver ");

const hash = createHash("sha256");
for (let left = size; left > 0; left -= piece.length) hash.update(piece.subarray(0, Math.min(left, piece.length)));

const server = createServer((_, response) => {
  response.writeHead(200, { "content-length": size });
  let left = size;
  const more = () => {
    while (left > 0) {
      const next = piece.subarray(0, Math.min(left, piece.length));
      left -= next.length;
      if (!response.write(next)) return void response.once("drain", more);
    }
    response.end();
  };
  more();
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port, sha256: hash.digest("hex") });
});
