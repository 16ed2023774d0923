// Original file: treeline/v1/access_service.proto


export interface RemoveBindingResponse {
}

export interface RemoveBindingResponse__Output {
}
