// Original file: treeline/v1/access_service.proto


export interface ListApiTokensRequest {
}

export interface ListApiTokensRequest__Output {
}
