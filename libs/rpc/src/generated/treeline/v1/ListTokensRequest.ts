// Original file: treeline/v1/enrollment.proto


export interface ListTokensRequest {
}

export interface ListTokensRequest__Output {
}
