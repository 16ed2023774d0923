// Original file: treeline/v1/release.proto


export interface ListReleasesRequest {
}

export interface ListReleasesRequest__Output {
}
