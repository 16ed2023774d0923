import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { CreateTokenRequest as _treeline_v1_CreateTokenRequest, CreateTokenRequest__Output as _treeline_v1_CreateTokenRequest__Output } from './treeline/v1/CreateTokenRequest.ts';
import type { CreateTokenResponse as _treeline_v1_CreateTokenResponse, CreateTokenResponse__Output as _treeline_v1_CreateTokenResponse__Output } from './treeline/v1/CreateTokenResponse.ts';
import type { EnrollRequest as _treeline_v1_EnrollRequest, EnrollRequest__Output as _treeline_v1_EnrollRequest__Output } from './treeline/v1/EnrollRequest.ts';
import type { EnrollResponse as _treeline_v1_EnrollResponse, EnrollResponse__Output as _treeline_v1_EnrollResponse__Output } from './treeline/v1/EnrollResponse.ts';
import type { EnrollmentServiceClient as _treeline_v1_EnrollmentServiceClient, EnrollmentServiceDefinition as _treeline_v1_EnrollmentServiceDefinition } from './treeline/v1/EnrollmentService.ts';
import type { ListTokensRequest as _treeline_v1_ListTokensRequest, ListTokensRequest__Output as _treeline_v1_ListTokensRequest__Output } from './treeline/v1/ListTokensRequest.ts';
import type { ListTokensResponse as _treeline_v1_ListTokensResponse, ListTokensResponse__Output as _treeline_v1_ListTokensResponse__Output } from './treeline/v1/ListTokensResponse.ts';
import type { RevokeTokenRequest as _treeline_v1_RevokeTokenRequest, RevokeTokenRequest__Output as _treeline_v1_RevokeTokenRequest__Output } from './treeline/v1/RevokeTokenRequest.ts';
import type { RevokeTokenResponse as _treeline_v1_RevokeTokenResponse, RevokeTokenResponse__Output as _treeline_v1_RevokeTokenResponse__Output } from './treeline/v1/RevokeTokenResponse.ts';
import type { Token as _treeline_v1_Token, Token__Output as _treeline_v1_Token__Output } from './treeline/v1/Token.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  treeline: {
    v1: {
      CreateTokenRequest: MessageTypeDefinition<_treeline_v1_CreateTokenRequest, _treeline_v1_CreateTokenRequest__Output>
      CreateTokenResponse: MessageTypeDefinition<_treeline_v1_CreateTokenResponse, _treeline_v1_CreateTokenResponse__Output>
      EnrollRequest: MessageTypeDefinition<_treeline_v1_EnrollRequest, _treeline_v1_EnrollRequest__Output>
      EnrollResponse: MessageTypeDefinition<_treeline_v1_EnrollResponse, _treeline_v1_EnrollResponse__Output>
      EnrollmentService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_EnrollmentServiceClient> & { service: _treeline_v1_EnrollmentServiceDefinition }
      ListTokensRequest: MessageTypeDefinition<_treeline_v1_ListTokensRequest, _treeline_v1_ListTokensRequest__Output>
      ListTokensResponse: MessageTypeDefinition<_treeline_v1_ListTokensResponse, _treeline_v1_ListTokensResponse__Output>
      RevokeTokenRequest: MessageTypeDefinition<_treeline_v1_RevokeTokenRequest, _treeline_v1_RevokeTokenRequest__Output>
      RevokeTokenResponse: MessageTypeDefinition<_treeline_v1_RevokeTokenResponse, _treeline_v1_RevokeTokenResponse__Output>
      Token: MessageTypeDefinition<_treeline_v1_Token, _treeline_v1_Token__Output>
    }
  }
}

