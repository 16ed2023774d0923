// Original file: treeline/v1/stop.proto


export interface ListStopsRequest {
}

export interface ListStopsRequest__Output {
}
