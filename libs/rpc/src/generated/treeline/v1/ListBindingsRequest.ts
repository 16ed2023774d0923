// Original file: treeline/v1/access_service.proto


export interface ListBindingsRequest {
}

export interface ListBindingsRequest__Output {
}
