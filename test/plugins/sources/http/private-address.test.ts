import { isIP } from "node:net";
import { expect, test } from "vitest";
import { isPrivateAddress, isPrivateHost } from "../../../../plugins/sources/http/private-address.js";

test.each([
  "127.0.0.1",
  "127.255.255.254",
  "0.0.0.0",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "100.100.100.200",
  "192.0.0.192",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
  "fec0::1",
  "fc00::1",
  "fd00:ec2::254",
  "ff02::1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "::127.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b::10.0.0.1",
  "2002:7f00:1::",
  "2002:a9fe:a9fe::1",
])("%s is private", (address) => {
  expect(isIP(address)).toBeGreaterThan(0);
  expect(isPrivateAddress(address)).toBe(true);
  const host = isIP(address) === 6 ? `[${address}]` : address;
  expect(isPrivateHost(host)).toBe(true);
});

test.each([
  "8.8.8.8",
  "1.1.1.1",
  "172.15.255.255",
  "172.32.0.1",
  "100.63.255.255",
  "100.128.0.1",
  "169.253.1.1",
  "223.255.255.255",
  "2606:4700::1111",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
  "2002:808:808::1",
])("%s is not", (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});

test("names by which this machine calls itself, and what the URL parser makes of odd addresses", () => {
  for (const name of ["localhost", "LOCALHOST", "localhost.", "a.localhost"]) expect(isPrivateHost(name)).toBe(true);
  for (const name of ["example.com", "localhost.example.com", "notlocalhost"]) expect(isPrivateHost(name)).toBe(false);
  for (const odd of ["2130706433", "0x7f.1", "017700000001", "127.1", "[::ffff:127.0.0.1]", "①②⑦.⓪.⓪.①"])
    expect(isPrivateHost(new URL(`http://${odd}/`).hostname)).toBe(true);
});

test("what is no address is not taken for a public one", () => {
  for (const text of ["", "example", "1.2.3", "300.1.1.1"]) expect(isPrivateAddress(text)).toBe(true);
});
