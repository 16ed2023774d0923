// Original file: treeline/v1/release.proto


export interface ListKeyRotationsRequest {
}

export interface ListKeyRotationsRequest__Output {
}
