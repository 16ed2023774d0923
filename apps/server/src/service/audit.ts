import { once } from "node:events";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { auditEntryToWire, auditRecordToWire, checkpointToWire, type wire } from "@treeline/rpc";
import type { Store, StoredAuditEntry } from "@treeline/store";
import type { SealKey } from "../audit/seal-key.ts";
import { invalidRequest } from "./operator-command.ts";
import { fitting, pageSizeOf } from "./page.ts";

export interface AuditOptions {
  readonly store: Pick<Store, "readAudit" | "readAuditState" | "readAuditLog">;
  readonly key: SealKey;
}

export type ExportCall = ServerWritableStream<wire.ExportAuditRequest__Output, wire.ExportAuditResponse>;

const pages = { usual: 200, most: 1_000 } as const;
const maxCharacters = 1024 * 1024;
/** Rows that one look passes over: so long the database's thread is not free for commits. And so many looks one call may take. */
const rowsPerLook = 5_000;
const looksPerCall = 20;
/** Of one message: each row is bounded, and so many of the largest still fit. */
const recordsPerMessage = 200;

/** AuditService: reads only. */
export class Audit {
  readonly #options: AuditOptions;

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  async list(request: wire.ListAuditRequest__Output): Promise<wire.ListAuditResponse> {
    const { store } = this.#options;
    const query = queryOf(request);
    if (!/^([1-9]\d{0,14})?$/.test(request.pageToken)) throw invalidRequest("page_token", "is not one that the server gave; begin again without it");
    const size = pageSizeOf(request.pageSize, pages);
    const found: StoredAuditEntry[] = [];
    let before = request.pageToken === "" ? (await store.readAuditState()).last + 1 : Number(request.pageToken);
    for (let look = 0; look < looksPerCall && before > 1 && found.length < size; look++) {
      const after = Math.max(0, before - 1 - rowsPerLook);
      const some = await store.readAudit({ ...query, before, after, limit: size - found.length });
      found.push(...some);
      before = found.length === size ? some.at(-1)!.sequence : after + 1;
    }
    const entries = found.slice(0, fitting(found, maxCharacters, sizeOf));
    const next = entries.length < found.length ? entries.at(-1)!.sequence : before;
    return { entries: entries.map(auditEntryToWire), nextPageToken: next > 1 ? String(next) : "" };
  }

  /** Pins where the log was when the call began: what is sealed or added meanwhile would look inserted. A reader that is slow is waited for. */
  async export(call: ExportCall): Promise<void> {
    const { store } = this.#options;
    const asked = Number(call.request.afterSequence);
    if (!Number.isSafeInteger(asked) || asked < 0) throw invalidRequest("after_sequence", "is not a sequence; give 0 for everything");
    const left = new AbortController();
    for (const event of ["cancelled", "close", "error"] as const) call.on(event, () => left.abort());
    const { last, sealed } = await store.readAuditState();
    const end = Math.max(last, sealed.sequence);
    let after = asked === 0 ? undefined : asked;
    if (asked > 0) {
      // It may have been signed since whoever goes on from here was there.
      const { checkpoints } = await store.readAuditLog({ after: asked - 1, limit: 1 });
      call.write({ records: [], checkpoints: checkpoints.filter(({ sequence }) => sequence === asked && asked <= sealed.sequence).map(checkpointToWire) });
    }
    for (;;) {
      const page = await store.readAuditLog({ limit: recordsPerMessage, ...(after === undefined ? {} : { after }) });
      const records = page.records
        .filter(({ sequence }) => sequence <= end)
        .map(({ hash, ...record }) => ({ ...record, ...(hash === undefined || record.sequence > sealed.sequence ? {} : { hash }) }));
      const done = page.records.length < recordsPerMessage || records.length < page.records.length;
      // With all rows shown, what is signed beyond them is shown, too: those rows are missing.
      const checkpoints = page.checkpoints.filter(({ sequence }) => sequence <= sealed.sequence || (done && sequence > (page.records.at(-1)?.sequence ?? end)));
      if (left.signal.aborted) return;
      const message = { records: records.map(auditRecordToWire), checkpoints: checkpoints.map(checkpointToWire) };
      if (!call.write(message)) await once(call, "drain", { signal: left.signal }).catch(() => undefined);
      if (done || left.signal.aborted) return;
      after = page.records.at(-1)!.sequence;
    }
  }

  key(): wire.GetAuditKeyResponse {
    const { id, publicKey } = this.#options.key;
    return { keyId: id, publicKey };
  }
}

function queryOf({ subject, under, actor, action, outcome, sinceMillis, untilMillis }: wire.ListAuditRequest__Output) {
  if (subject !== "" && under !== "") throw invalidRequest("under", "is given beside subject; name one of the two");
  if (outcome !== "" && outcome !== "done" && outcome !== "refused") throw invalidRequest("outcome", "is neither done nor refused");
  return {
    ...(subject === "" ? {} : { subject }),
    ...(under === "" ? {} : { under }),
    ...(actor === "" ? {} : { actor }),
    ...(action === "" ? {} : { action }),
    ...(outcome === "" ? {} : { outcome: outcome as "done" | "refused" }),
    ...(sinceMillis === "0" ? {} : { since: Number(sinceMillis) }),
    ...(untilMillis === "0" ? {} : { until: Number(untilMillis) }),
  };
}

function sizeOf({ subject, because, before, after }: StoredAuditEntry): number {
  return 200 + subject.length + because.length + (before?.length ?? 0) + (after?.length ?? 0);
}
