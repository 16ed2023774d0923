import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { GetReleaseRequest as _treeline_v1_GetReleaseRequest, GetReleaseRequest__Output as _treeline_v1_GetReleaseRequest__Output } from './treeline/v1/GetReleaseRequest.ts';
import type { GetReleaseResponse as _treeline_v1_GetReleaseResponse, GetReleaseResponse__Output as _treeline_v1_GetReleaseResponse__Output } from './treeline/v1/GetReleaseResponse.ts';
import type { KeyRotation as _treeline_v1_KeyRotation, KeyRotation__Output as _treeline_v1_KeyRotation__Output } from './treeline/v1/KeyRotation.ts';
import type { ListKeyRotationsRequest as _treeline_v1_ListKeyRotationsRequest, ListKeyRotationsRequest__Output as _treeline_v1_ListKeyRotationsRequest__Output } from './treeline/v1/ListKeyRotationsRequest.ts';
import type { ListKeyRotationsResponse as _treeline_v1_ListKeyRotationsResponse, ListKeyRotationsResponse__Output as _treeline_v1_ListKeyRotationsResponse__Output } from './treeline/v1/ListKeyRotationsResponse.ts';
import type { ListMissingObjectsRequest as _treeline_v1_ListMissingObjectsRequest, ListMissingObjectsRequest__Output as _treeline_v1_ListMissingObjectsRequest__Output } from './treeline/v1/ListMissingObjectsRequest.ts';
import type { ListMissingObjectsResponse as _treeline_v1_ListMissingObjectsResponse, ListMissingObjectsResponse__Output as _treeline_v1_ListMissingObjectsResponse__Output } from './treeline/v1/ListMissingObjectsResponse.ts';
import type { ListReleasesRequest as _treeline_v1_ListReleasesRequest, ListReleasesRequest__Output as _treeline_v1_ListReleasesRequest__Output } from './treeline/v1/ListReleasesRequest.ts';
import type { ListReleasesResponse as _treeline_v1_ListReleasesResponse, ListReleasesResponse__Output as _treeline_v1_ListReleasesResponse__Output } from './treeline/v1/ListReleasesResponse.ts';
import type { MirrorReleaseRequest as _treeline_v1_MirrorReleaseRequest, MirrorReleaseRequest__Output as _treeline_v1_MirrorReleaseRequest__Output } from './treeline/v1/MirrorReleaseRequest.ts';
import type { MirrorReleaseResponse as _treeline_v1_MirrorReleaseResponse, MirrorReleaseResponse__Output as _treeline_v1_MirrorReleaseResponse__Output } from './treeline/v1/MirrorReleaseResponse.ts';
import type { ObjectStart as _treeline_v1_ObjectStart, ObjectStart__Output as _treeline_v1_ObjectStart__Output } from './treeline/v1/ObjectStart.ts';
import type { PublishHeader as _treeline_v1_PublishHeader, PublishHeader__Output as _treeline_v1_PublishHeader__Output } from './treeline/v1/PublishHeader.ts';
import type { PublishKeyRotationRequest as _treeline_v1_PublishKeyRotationRequest, PublishKeyRotationRequest__Output as _treeline_v1_PublishKeyRotationRequest__Output } from './treeline/v1/PublishKeyRotationRequest.ts';
import type { PublishKeyRotationResponse as _treeline_v1_PublishKeyRotationResponse, PublishKeyRotationResponse__Output as _treeline_v1_PublishKeyRotationResponse__Output } from './treeline/v1/PublishKeyRotationResponse.ts';
import type { PublishReleaseRequest as _treeline_v1_PublishReleaseRequest, PublishReleaseRequest__Output as _treeline_v1_PublishReleaseRequest__Output } from './treeline/v1/PublishReleaseRequest.ts';
import type { PublishReleaseResponse as _treeline_v1_PublishReleaseResponse, PublishReleaseResponse__Output as _treeline_v1_PublishReleaseResponse__Output } from './treeline/v1/PublishReleaseResponse.ts';
import type { Release as _treeline_v1_Release, Release__Output as _treeline_v1_Release__Output } from './treeline/v1/Release.ts';
import type { ReleaseServiceClient as _treeline_v1_ReleaseServiceClient, ReleaseServiceDefinition as _treeline_v1_ReleaseServiceDefinition } from './treeline/v1/ReleaseService.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  treeline: {
    v1: {
      GetReleaseRequest: MessageTypeDefinition<_treeline_v1_GetReleaseRequest, _treeline_v1_GetReleaseRequest__Output>
      GetReleaseResponse: MessageTypeDefinition<_treeline_v1_GetReleaseResponse, _treeline_v1_GetReleaseResponse__Output>
      KeyRotation: MessageTypeDefinition<_treeline_v1_KeyRotation, _treeline_v1_KeyRotation__Output>
      ListKeyRotationsRequest: MessageTypeDefinition<_treeline_v1_ListKeyRotationsRequest, _treeline_v1_ListKeyRotationsRequest__Output>
      ListKeyRotationsResponse: MessageTypeDefinition<_treeline_v1_ListKeyRotationsResponse, _treeline_v1_ListKeyRotationsResponse__Output>
      ListMissingObjectsRequest: MessageTypeDefinition<_treeline_v1_ListMissingObjectsRequest, _treeline_v1_ListMissingObjectsRequest__Output>
      ListMissingObjectsResponse: MessageTypeDefinition<_treeline_v1_ListMissingObjectsResponse, _treeline_v1_ListMissingObjectsResponse__Output>
      ListReleasesRequest: MessageTypeDefinition<_treeline_v1_ListReleasesRequest, _treeline_v1_ListReleasesRequest__Output>
      ListReleasesResponse: MessageTypeDefinition<_treeline_v1_ListReleasesResponse, _treeline_v1_ListReleasesResponse__Output>
      MirrorReleaseRequest: MessageTypeDefinition<_treeline_v1_MirrorReleaseRequest, _treeline_v1_MirrorReleaseRequest__Output>
      MirrorReleaseResponse: MessageTypeDefinition<_treeline_v1_MirrorReleaseResponse, _treeline_v1_MirrorReleaseResponse__Output>
      ObjectStart: MessageTypeDefinition<_treeline_v1_ObjectStart, _treeline_v1_ObjectStart__Output>
      PublishHeader: MessageTypeDefinition<_treeline_v1_PublishHeader, _treeline_v1_PublishHeader__Output>
      PublishKeyRotationRequest: MessageTypeDefinition<_treeline_v1_PublishKeyRotationRequest, _treeline_v1_PublishKeyRotationRequest__Output>
      PublishKeyRotationResponse: MessageTypeDefinition<_treeline_v1_PublishKeyRotationResponse, _treeline_v1_PublishKeyRotationResponse__Output>
      PublishReleaseRequest: MessageTypeDefinition<_treeline_v1_PublishReleaseRequest, _treeline_v1_PublishReleaseRequest__Output>
      PublishReleaseResponse: MessageTypeDefinition<_treeline_v1_PublishReleaseResponse, _treeline_v1_PublishReleaseResponse__Output>
      Release: MessageTypeDefinition<_treeline_v1_Release, _treeline_v1_Release__Output>
      ReleaseService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_ReleaseServiceClient> & { service: _treeline_v1_ReleaseServiceDefinition }
    }
  }
}

