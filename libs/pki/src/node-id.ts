/** A node id as the server writes it: a UUID in lower case (RFC 9562). */
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const nodeIdForm = new RegExp(`^${uuid}$`);
const nodeUriForm = new RegExp(`^treeline://node/(${uuid})$`);

/** True for a UUID in lower case. Upper case is refused: one node must have one spelling. */
export function isNodeId(text: string): boolean {
  return nodeIdForm.test(text);
}

/** The URI that a node's certificate carries. */
export function nodeUri(nodeId: string): string {
  return `treeline://node/${nodeId}`;
}

/** The node id of a `treeline://node/UUID` URI; undefined for anything else. */
export function nodeIdOfUri(uri: string): string | undefined {
  return nodeUriForm.exec(uri)?.[1];
}
