// Original file: treeline/v1/rollout.proto


export interface ListRolloutsRequest {
}

export interface ListRolloutsRequest__Output {
}
