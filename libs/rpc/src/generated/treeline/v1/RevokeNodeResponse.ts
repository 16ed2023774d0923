// Original file: treeline/v1/node.proto


export interface RevokeNodeResponse {
}

export interface RevokeNodeResponse__Output {
}
