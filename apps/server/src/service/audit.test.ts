import { DatabaseSync } from "node:sqlite";
import { verify, type AuditRecord, type Checkpoint, type Verification } from "@treeline/audit";
import { auditRecordFromWire, checkpointFromWire, type FrontClients, type wire } from "@treeline/rpc";
import { afterAll, expect, it } from "vitest";
import { removeTemporaryData, startTestServer, temporaryData } from "../test-server.ts";

afterAll(removeTemporaryData);

async function exported(front: FrontClients, after = 0): Promise<{ readonly records: readonly AuditRecord[]; readonly checkpoints: readonly Checkpoint[] }> {
  const records: AuditRecord[] = [];
  const checkpoints: Checkpoint[] = [];
  for await (const message of front.audit.exportAudit({ afterSequence: String(after) }) as AsyncIterable<wire.ExportAuditResponse__Output>) {
    records.push(...message.records.map(auditRecordFromWire));
    checkpoints.push(...message.checkpoints.map(checkpointFromWire));
  }
  return { records, checkpoints };
}

async function verified(front: FrontClients): Promise<Verification> {
  const { publicKey } = await front.audit.getAuditKey({});
  return verify(await exported(front), { publicKeys: [publicKey] });
}

it("lists what was done page by page, by who and what, and exports a log that verifies while it grows", async () => {
  await using server = await startTestServer();
  for (let index = 0; index < 260; index++) await server.token({ name: `t${index}` });
  const first = await server.front.audit.listAudit({ action: "create-token", pageSize: 200 });
  const second = await server.front.audit.listAudit({ action: "create-token", pageSize: 200, pageToken: first.nextPageToken });
  const names = [...first.entries, ...second.entries].map(({ because }) => because);
  expect(names).toEqual(Array.from({ length: 260 }, (_, index) => `t${259 - index}`));
  expect(second.nextPageToken).toBe("");
  expect((await server.front.audit.listAudit({ actor: "nobody" })).entries).toEqual([]);
  await expect(server.front.audit.listAudit({ outcome: "maybe" })).rejects.toMatchObject({ reason: "INVALID" });
  await expect(server.front.audit.listAudit({ pageToken: "x" })).rejects.toMatchObject({ reason: "INVALID" });

  const [found] = await Promise.all([verified(server.front), server.token(), server.token()]);
  expect(found.findings).toEqual([]);
  const whole = await exported(server.front);
  expect((await exported(server.front, 100)).records.map(({ sequence }) => sequence)).toEqual(whole.records.slice(100).map(({ sequence }) => sequence));
});

it("is sealed and signed to its last row at the end, and shows what was done to it meanwhile", async () => {
  const data = await temporaryData();
  {
    await using server = await startTestServer({ data });
    await server.token({ name: "before" });
  }
  const database = new DatabaseSync(`${data}/treeline.db`);
  const { last } = database.prepare("select max(sequence) as last from audit").get() as { readonly last: number };
  expect(database.prepare("select max(sequence) as last from audit_checkpoint").get()).toEqual({ last });
  database.exec("update audit set because = 'after' where because = 'before'");
  database.close();
  await using server = await startTestServer({ data });
  expect((await verified(server.front)).findings).toMatchObject([{ kind: "edited" }]);
});

it("says what a change did, before and after, and no secret", async () => {
  await using server = await startTestServer();
  const node = await server.enroll({ labels: { site: "berlin" } });
  await server.front.nodes.labelNode({ node: node.nodeId, set: { site: "paris" } });
  const { entries } = await server.front.audit.listAudit({ action: "label-node" });
  expect(entries[0]).toMatchObject({
    beforeJson: JSON.stringify({ [`node ${node.nodeId}`]: { labels: { site: "berlin", "kubernetes.io/hostname": "node" } } }),
    afterJson: JSON.stringify({ [`node ${node.nodeId}`]: { labels: { site: "paris", "kubernetes.io/hostname": "node" } } }),
  });
  const { records } = await exported(server.front);
  expect(JSON.stringify(records)).not.toMatch(/secretHash|BEGIN CERTIFICATE|publicKey/);
});
