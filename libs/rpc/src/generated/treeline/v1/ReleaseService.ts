// Original file: treeline/v1/release.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetReleaseRequest as _treeline_v1_GetReleaseRequest, GetReleaseRequest__Output as _treeline_v1_GetReleaseRequest__Output } from '../../treeline/v1/GetReleaseRequest.ts';
import type { GetReleaseResponse as _treeline_v1_GetReleaseResponse, GetReleaseResponse__Output as _treeline_v1_GetReleaseResponse__Output } from '../../treeline/v1/GetReleaseResponse.ts';
import type { ListKeyRotationsRequest as _treeline_v1_ListKeyRotationsRequest, ListKeyRotationsRequest__Output as _treeline_v1_ListKeyRotationsRequest__Output } from '../../treeline/v1/ListKeyRotationsRequest.ts';
import type { ListKeyRotationsResponse as _treeline_v1_ListKeyRotationsResponse, ListKeyRotationsResponse__Output as _treeline_v1_ListKeyRotationsResponse__Output } from '../../treeline/v1/ListKeyRotationsResponse.ts';
import type { ListMissingObjectsRequest as _treeline_v1_ListMissingObjectsRequest, ListMissingObjectsRequest__Output as _treeline_v1_ListMissingObjectsRequest__Output } from '../../treeline/v1/ListMissingObjectsRequest.ts';
import type { ListMissingObjectsResponse as _treeline_v1_ListMissingObjectsResponse, ListMissingObjectsResponse__Output as _treeline_v1_ListMissingObjectsResponse__Output } from '../../treeline/v1/ListMissingObjectsResponse.ts';
import type { ListReleasesRequest as _treeline_v1_ListReleasesRequest, ListReleasesRequest__Output as _treeline_v1_ListReleasesRequest__Output } from '../../treeline/v1/ListReleasesRequest.ts';
import type { ListReleasesResponse as _treeline_v1_ListReleasesResponse, ListReleasesResponse__Output as _treeline_v1_ListReleasesResponse__Output } from '../../treeline/v1/ListReleasesResponse.ts';
import type { MirrorReleaseRequest as _treeline_v1_MirrorReleaseRequest, MirrorReleaseRequest__Output as _treeline_v1_MirrorReleaseRequest__Output } from '../../treeline/v1/MirrorReleaseRequest.ts';
import type { MirrorReleaseResponse as _treeline_v1_MirrorReleaseResponse, MirrorReleaseResponse__Output as _treeline_v1_MirrorReleaseResponse__Output } from '../../treeline/v1/MirrorReleaseResponse.ts';
import type { PublishKeyRotationRequest as _treeline_v1_PublishKeyRotationRequest, PublishKeyRotationRequest__Output as _treeline_v1_PublishKeyRotationRequest__Output } from '../../treeline/v1/PublishKeyRotationRequest.ts';
import type { PublishKeyRotationResponse as _treeline_v1_PublishKeyRotationResponse, PublishKeyRotationResponse__Output as _treeline_v1_PublishKeyRotationResponse__Output } from '../../treeline/v1/PublishKeyRotationResponse.ts';
import type { PublishReleaseRequest as _treeline_v1_PublishReleaseRequest, PublishReleaseRequest__Output as _treeline_v1_PublishReleaseRequest__Output } from '../../treeline/v1/PublishReleaseRequest.ts';
import type { PublishReleaseResponse as _treeline_v1_PublishReleaseResponse, PublishReleaseResponse__Output as _treeline_v1_PublishReleaseResponse__Output } from '../../treeline/v1/PublishReleaseResponse.ts';

export interface ReleaseServiceClient extends grpc.Client {
  GetRelease(argument: _treeline_v1_GetReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetReleaseResponse__Output>): grpc.ClientUnaryCall;
  GetRelease(argument: _treeline_v1_GetReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetReleaseResponse__Output>): grpc.ClientUnaryCall;
  GetRelease(argument: _treeline_v1_GetReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetReleaseResponse__Output>): grpc.ClientUnaryCall;
  GetRelease(argument: _treeline_v1_GetReleaseRequest, callback: grpc.requestCallback<_treeline_v1_GetReleaseResponse__Output>): grpc.ClientUnaryCall;
  getRelease(argument: _treeline_v1_GetReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetReleaseResponse__Output>): grpc.ClientUnaryCall;
  getRelease(argument: _treeline_v1_GetReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetReleaseResponse__Output>): grpc.ClientUnaryCall;
  getRelease(argument: _treeline_v1_GetReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetReleaseResponse__Output>): grpc.ClientUnaryCall;
  getRelease(argument: _treeline_v1_GetReleaseRequest, callback: grpc.requestCallback<_treeline_v1_GetReleaseResponse__Output>): grpc.ClientUnaryCall;
  
  ListKeyRotations(argument: _treeline_v1_ListKeyRotationsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListKeyRotationsResponse__Output>): grpc.ClientUnaryCall;
  ListKeyRotations(argument: _treeline_v1_ListKeyRotationsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListKeyRotationsResponse__Output>): grpc.ClientUnaryCall;
  ListKeyRotations(argument: _treeline_v1_ListKeyRotationsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListKeyRotationsResponse__Output>): grpc.ClientUnaryCall;
  ListKeyRotations(argument: _treeline_v1_ListKeyRotationsRequest, callback: grpc.requestCallback<_treeline_v1_ListKeyRotationsResponse__Output>): grpc.ClientUnaryCall;
  listKeyRotations(argument: _treeline_v1_ListKeyRotationsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListKeyRotationsResponse__Output>): grpc.ClientUnaryCall;
  listKeyRotations(argument: _treeline_v1_ListKeyRotationsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListKeyRotationsResponse__Output>): grpc.ClientUnaryCall;
  listKeyRotations(argument: _treeline_v1_ListKeyRotationsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListKeyRotationsResponse__Output>): grpc.ClientUnaryCall;
  listKeyRotations(argument: _treeline_v1_ListKeyRotationsRequest, callback: grpc.requestCallback<_treeline_v1_ListKeyRotationsResponse__Output>): grpc.ClientUnaryCall;
  
  ListMissingObjects(argument: _treeline_v1_ListMissingObjectsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListMissingObjectsResponse__Output>): grpc.ClientUnaryCall;
  ListMissingObjects(argument: _treeline_v1_ListMissingObjectsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListMissingObjectsResponse__Output>): grpc.ClientUnaryCall;
  ListMissingObjects(argument: _treeline_v1_ListMissingObjectsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListMissingObjectsResponse__Output>): grpc.ClientUnaryCall;
  ListMissingObjects(argument: _treeline_v1_ListMissingObjectsRequest, callback: grpc.requestCallback<_treeline_v1_ListMissingObjectsResponse__Output>): grpc.ClientUnaryCall;
  listMissingObjects(argument: _treeline_v1_ListMissingObjectsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListMissingObjectsResponse__Output>): grpc.ClientUnaryCall;
  listMissingObjects(argument: _treeline_v1_ListMissingObjectsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListMissingObjectsResponse__Output>): grpc.ClientUnaryCall;
  listMissingObjects(argument: _treeline_v1_ListMissingObjectsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListMissingObjectsResponse__Output>): grpc.ClientUnaryCall;
  listMissingObjects(argument: _treeline_v1_ListMissingObjectsRequest, callback: grpc.requestCallback<_treeline_v1_ListMissingObjectsResponse__Output>): grpc.ClientUnaryCall;
  
  ListReleases(argument: _treeline_v1_ListReleasesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListReleasesResponse__Output>): grpc.ClientUnaryCall;
  ListReleases(argument: _treeline_v1_ListReleasesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListReleasesResponse__Output>): grpc.ClientUnaryCall;
  ListReleases(argument: _treeline_v1_ListReleasesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListReleasesResponse__Output>): grpc.ClientUnaryCall;
  ListReleases(argument: _treeline_v1_ListReleasesRequest, callback: grpc.requestCallback<_treeline_v1_ListReleasesResponse__Output>): grpc.ClientUnaryCall;
  listReleases(argument: _treeline_v1_ListReleasesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListReleasesResponse__Output>): grpc.ClientUnaryCall;
  listReleases(argument: _treeline_v1_ListReleasesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListReleasesResponse__Output>): grpc.ClientUnaryCall;
  listReleases(argument: _treeline_v1_ListReleasesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListReleasesResponse__Output>): grpc.ClientUnaryCall;
  listReleases(argument: _treeline_v1_ListReleasesRequest, callback: grpc.requestCallback<_treeline_v1_ListReleasesResponse__Output>): grpc.ClientUnaryCall;
  
  MirrorRelease(argument: _treeline_v1_MirrorReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_MirrorReleaseResponse__Output>): grpc.ClientUnaryCall;
  MirrorRelease(argument: _treeline_v1_MirrorReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_MirrorReleaseResponse__Output>): grpc.ClientUnaryCall;
  MirrorRelease(argument: _treeline_v1_MirrorReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_MirrorReleaseResponse__Output>): grpc.ClientUnaryCall;
  MirrorRelease(argument: _treeline_v1_MirrorReleaseRequest, callback: grpc.requestCallback<_treeline_v1_MirrorReleaseResponse__Output>): grpc.ClientUnaryCall;
  mirrorRelease(argument: _treeline_v1_MirrorReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_MirrorReleaseResponse__Output>): grpc.ClientUnaryCall;
  mirrorRelease(argument: _treeline_v1_MirrorReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_MirrorReleaseResponse__Output>): grpc.ClientUnaryCall;
  mirrorRelease(argument: _treeline_v1_MirrorReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_MirrorReleaseResponse__Output>): grpc.ClientUnaryCall;
  mirrorRelease(argument: _treeline_v1_MirrorReleaseRequest, callback: grpc.requestCallback<_treeline_v1_MirrorReleaseResponse__Output>): grpc.ClientUnaryCall;
  
  PublishKeyRotation(argument: _treeline_v1_PublishKeyRotationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PublishKeyRotationResponse__Output>): grpc.ClientUnaryCall;
  PublishKeyRotation(argument: _treeline_v1_PublishKeyRotationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PublishKeyRotationResponse__Output>): grpc.ClientUnaryCall;
  PublishKeyRotation(argument: _treeline_v1_PublishKeyRotationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PublishKeyRotationResponse__Output>): grpc.ClientUnaryCall;
  PublishKeyRotation(argument: _treeline_v1_PublishKeyRotationRequest, callback: grpc.requestCallback<_treeline_v1_PublishKeyRotationResponse__Output>): grpc.ClientUnaryCall;
  publishKeyRotation(argument: _treeline_v1_PublishKeyRotationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PublishKeyRotationResponse__Output>): grpc.ClientUnaryCall;
  publishKeyRotation(argument: _treeline_v1_PublishKeyRotationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PublishKeyRotationResponse__Output>): grpc.ClientUnaryCall;
  publishKeyRotation(argument: _treeline_v1_PublishKeyRotationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PublishKeyRotationResponse__Output>): grpc.ClientUnaryCall;
  publishKeyRotation(argument: _treeline_v1_PublishKeyRotationRequest, callback: grpc.requestCallback<_treeline_v1_PublishKeyRotationResponse__Output>): grpc.ClientUnaryCall;
  
  PublishRelease(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PublishReleaseResponse__Output>): grpc.ClientWritableStream<_treeline_v1_PublishReleaseRequest>;
  PublishRelease(metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PublishReleaseResponse__Output>): grpc.ClientWritableStream<_treeline_v1_PublishReleaseRequest>;
  PublishRelease(options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PublishReleaseResponse__Output>): grpc.ClientWritableStream<_treeline_v1_PublishReleaseRequest>;
  PublishRelease(callback: grpc.requestCallback<_treeline_v1_PublishReleaseResponse__Output>): grpc.ClientWritableStream<_treeline_v1_PublishReleaseRequest>;
  publishRelease(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PublishReleaseResponse__Output>): grpc.ClientWritableStream<_treeline_v1_PublishReleaseRequest>;
  publishRelease(metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PublishReleaseResponse__Output>): grpc.ClientWritableStream<_treeline_v1_PublishReleaseRequest>;
  publishRelease(options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PublishReleaseResponse__Output>): grpc.ClientWritableStream<_treeline_v1_PublishReleaseRequest>;
  publishRelease(callback: grpc.requestCallback<_treeline_v1_PublishReleaseResponse__Output>): grpc.ClientWritableStream<_treeline_v1_PublishReleaseRequest>;
  
}

export interface ReleaseServiceHandlers extends grpc.UntypedServiceImplementation {
  GetRelease: grpc.handleUnaryCall<_treeline_v1_GetReleaseRequest__Output, _treeline_v1_GetReleaseResponse>;
  
  ListKeyRotations: grpc.handleUnaryCall<_treeline_v1_ListKeyRotationsRequest__Output, _treeline_v1_ListKeyRotationsResponse>;
  
  ListMissingObjects: grpc.handleUnaryCall<_treeline_v1_ListMissingObjectsRequest__Output, _treeline_v1_ListMissingObjectsResponse>;
  
  ListReleases: grpc.handleUnaryCall<_treeline_v1_ListReleasesRequest__Output, _treeline_v1_ListReleasesResponse>;
  
  MirrorRelease: grpc.handleUnaryCall<_treeline_v1_MirrorReleaseRequest__Output, _treeline_v1_MirrorReleaseResponse>;
  
  PublishKeyRotation: grpc.handleUnaryCall<_treeline_v1_PublishKeyRotationRequest__Output, _treeline_v1_PublishKeyRotationResponse>;
  
  PublishRelease: grpc.handleClientStreamingCall<_treeline_v1_PublishReleaseRequest__Output, _treeline_v1_PublishReleaseResponse>;
  
}

export interface ReleaseServiceDefinition extends grpc.ServiceDefinition {
  GetRelease: MethodDefinition<_treeline_v1_GetReleaseRequest, _treeline_v1_GetReleaseResponse, _treeline_v1_GetReleaseRequest__Output, _treeline_v1_GetReleaseResponse__Output>
  ListKeyRotations: MethodDefinition<_treeline_v1_ListKeyRotationsRequest, _treeline_v1_ListKeyRotationsResponse, _treeline_v1_ListKeyRotationsRequest__Output, _treeline_v1_ListKeyRotationsResponse__Output>
  ListMissingObjects: MethodDefinition<_treeline_v1_ListMissingObjectsRequest, _treeline_v1_ListMissingObjectsResponse, _treeline_v1_ListMissingObjectsRequest__Output, _treeline_v1_ListMissingObjectsResponse__Output>
  ListReleases: MethodDefinition<_treeline_v1_ListReleasesRequest, _treeline_v1_ListReleasesResponse, _treeline_v1_ListReleasesRequest__Output, _treeline_v1_ListReleasesResponse__Output>
  MirrorRelease: MethodDefinition<_treeline_v1_MirrorReleaseRequest, _treeline_v1_MirrorReleaseResponse, _treeline_v1_MirrorReleaseRequest__Output, _treeline_v1_MirrorReleaseResponse__Output>
  PublishKeyRotation: MethodDefinition<_treeline_v1_PublishKeyRotationRequest, _treeline_v1_PublishKeyRotationResponse, _treeline_v1_PublishKeyRotationRequest__Output, _treeline_v1_PublishKeyRotationResponse__Output>
  PublishRelease: MethodDefinition<_treeline_v1_PublishReleaseRequest, _treeline_v1_PublishReleaseResponse, _treeline_v1_PublishReleaseRequest__Output, _treeline_v1_PublishReleaseResponse__Output>
}
