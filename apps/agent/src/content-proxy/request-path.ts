import { timingSafeEqual } from "node:crypto";

/** Longer paths do not exist in a repository. */
const maxPathLength = 512;
// What ostree asks for: objects, deltas (base64 with _ for /), refs, summary, config. No percent signs, no query: nothing is decoded anywhere.
const pathForm = /^(?:\/[A-Za-z0-9_+=~,@.-]+)+$/;

export type RequestPath = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly status: 400 | 403 };

/** The path inside the repository that `/TOKEN/path` asks for; 403 for a wrong token, 400 for a path that no repository has. */
export function requestPath(url: string, token: string): RequestPath {
  const slash = url.indexOf("/", 1);
  const given = Buffer.from(slash < 0 ? url.slice(1) : url.slice(1, slash));
  const wanted = Buffer.from(token);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return { ok: false, status: 403 };
  const path = slash < 0 ? "" : url.slice(slash);
  const segments = path.split("/");
  if (path.length > maxPathLength || !pathForm.test(path) || segments.includes("..") || segments.includes(".")) return { ok: false, status: 400 };
  return { ok: true, path };
}

/** Whether what lies at a path never changes, because its name says what it holds: the rest of it may come from anywhere. */
export function isImmutable(path: string): boolean {
  return path.startsWith("/objects/") && !path.endsWith(".commitmeta");
}
