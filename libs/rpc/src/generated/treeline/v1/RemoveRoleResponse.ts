// Original file: treeline/v1/access_service.proto


export interface RemoveRoleResponse {
}

export interface RemoveRoleResponse__Output {
}
