import { isUrl, shownUrl } from "./texts.js";

/** Why an URL is no path of models, and what to write in its place; `undefined` for what is no URL. */
export function noFolder(path: string): string | undefined {
  if (!isUrl(path)) return undefined;
  const shown = shownUrl(path);
  return `${shown} is no folder of this machine; ${remedy(shown)}`;
}

function remedy(url: string): string {
  const [, scheme = "", bucket = "", prefix = ""] = /^([^:]+):\/\/([^/]*)\/?(.*)$/s.exec(url) ?? [];
  if (/^s3$/i.test(scheme)) {
    const folder = prefix === "" ? "" : `, prefix: ${prefix.replace(/\/*$/, "/")}`;
    return `a config has models of a bucket by source: { type: s3, bucket: ${bucket}${folder} }`;
  }
  if (/^https?$/i.test(scheme)) return `a config has models of a web server by source: { type: http, url: "${url}" }`;
  return 'a config has models of other places by "source"; salver components lists what there is';
}
