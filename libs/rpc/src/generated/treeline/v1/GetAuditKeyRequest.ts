// Original file: treeline/v1/audit.proto


export interface GetAuditKeyRequest {
}

export interface GetAuditKeyRequest__Output {
}
