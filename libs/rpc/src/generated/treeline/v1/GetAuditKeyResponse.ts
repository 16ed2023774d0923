// Original file: treeline/v1/audit.proto


export interface GetAuditKeyResponse {
  'keyId'?: (string);
  'publicKey'?: (string);
}

export interface GetAuditKeyResponse__Output {
  'keyId': (string);
  'publicKey': (string);
}
