// Original file: treeline/v1/access_service.proto


export interface ListRolesRequest {
}

export interface ListRolesRequest__Output {
}
