// Original file: treeline/v1/enrollment.proto


export interface RevokeTokenResponse {
}

export interface RevokeTokenResponse__Output {
}
