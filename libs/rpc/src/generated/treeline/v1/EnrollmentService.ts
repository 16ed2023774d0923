// Original file: treeline/v1/enrollment.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CreateTokenRequest as _treeline_v1_CreateTokenRequest, CreateTokenRequest__Output as _treeline_v1_CreateTokenRequest__Output } from '../../treeline/v1/CreateTokenRequest.ts';
import type { CreateTokenResponse as _treeline_v1_CreateTokenResponse, CreateTokenResponse__Output as _treeline_v1_CreateTokenResponse__Output } from '../../treeline/v1/CreateTokenResponse.ts';
import type { EnrollRequest as _treeline_v1_EnrollRequest, EnrollRequest__Output as _treeline_v1_EnrollRequest__Output } from '../../treeline/v1/EnrollRequest.ts';
import type { EnrollResponse as _treeline_v1_EnrollResponse, EnrollResponse__Output as _treeline_v1_EnrollResponse__Output } from '../../treeline/v1/EnrollResponse.ts';
import type { ListTokensRequest as _treeline_v1_ListTokensRequest, ListTokensRequest__Output as _treeline_v1_ListTokensRequest__Output } from '../../treeline/v1/ListTokensRequest.ts';
import type { ListTokensResponse as _treeline_v1_ListTokensResponse, ListTokensResponse__Output as _treeline_v1_ListTokensResponse__Output } from '../../treeline/v1/ListTokensResponse.ts';
import type { RevokeTokenRequest as _treeline_v1_RevokeTokenRequest, RevokeTokenRequest__Output as _treeline_v1_RevokeTokenRequest__Output } from '../../treeline/v1/RevokeTokenRequest.ts';
import type { RevokeTokenResponse as _treeline_v1_RevokeTokenResponse, RevokeTokenResponse__Output as _treeline_v1_RevokeTokenResponse__Output } from '../../treeline/v1/RevokeTokenResponse.ts';

export interface EnrollmentServiceClient extends grpc.Client {
  CreateToken(argument: _treeline_v1_CreateTokenRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateTokenResponse__Output>): grpc.ClientUnaryCall;
  CreateToken(argument: _treeline_v1_CreateTokenRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_CreateTokenResponse__Output>): grpc.ClientUnaryCall;
  CreateToken(argument: _treeline_v1_CreateTokenRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateTokenResponse__Output>): grpc.ClientUnaryCall;
  CreateToken(argument: _treeline_v1_CreateTokenRequest, callback: grpc.requestCallback<_treeline_v1_CreateTokenResponse__Output>): grpc.ClientUnaryCall;
  createToken(argument: _treeline_v1_CreateTokenRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateTokenResponse__Output>): grpc.ClientUnaryCall;
  createToken(argument: _treeline_v1_CreateTokenRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_CreateTokenResponse__Output>): grpc.ClientUnaryCall;
  createToken(argument: _treeline_v1_CreateTokenRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateTokenResponse__Output>): grpc.ClientUnaryCall;
  createToken(argument: _treeline_v1_CreateTokenRequest, callback: grpc.requestCallback<_treeline_v1_CreateTokenResponse__Output>): grpc.ClientUnaryCall;
  
  Enroll(argument: _treeline_v1_EnrollRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  Enroll(argument: _treeline_v1_EnrollRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  Enroll(argument: _treeline_v1_EnrollRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  Enroll(argument: _treeline_v1_EnrollRequest, callback: grpc.requestCallback<_treeline_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  enroll(argument: _treeline_v1_EnrollRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  enroll(argument: _treeline_v1_EnrollRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  enroll(argument: _treeline_v1_EnrollRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  enroll(argument: _treeline_v1_EnrollRequest, callback: grpc.requestCallback<_treeline_v1_EnrollResponse__Output>): grpc.ClientUnaryCall;
  
  ListTokens(argument: _treeline_v1_ListTokensRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListTokensResponse__Output>): grpc.ClientUnaryCall;
  ListTokens(argument: _treeline_v1_ListTokensRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListTokensResponse__Output>): grpc.ClientUnaryCall;
  ListTokens(argument: _treeline_v1_ListTokensRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListTokensResponse__Output>): grpc.ClientUnaryCall;
  ListTokens(argument: _treeline_v1_ListTokensRequest, callback: grpc.requestCallback<_treeline_v1_ListTokensResponse__Output>): grpc.ClientUnaryCall;
  listTokens(argument: _treeline_v1_ListTokensRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListTokensResponse__Output>): grpc.ClientUnaryCall;
  listTokens(argument: _treeline_v1_ListTokensRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListTokensResponse__Output>): grpc.ClientUnaryCall;
  listTokens(argument: _treeline_v1_ListTokensRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListTokensResponse__Output>): grpc.ClientUnaryCall;
  listTokens(argument: _treeline_v1_ListTokensRequest, callback: grpc.requestCallback<_treeline_v1_ListTokensResponse__Output>): grpc.ClientUnaryCall;
  
  RevokeToken(argument: _treeline_v1_RevokeTokenRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeTokenResponse__Output>): grpc.ClientUnaryCall;
  RevokeToken(argument: _treeline_v1_RevokeTokenRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RevokeTokenResponse__Output>): grpc.ClientUnaryCall;
  RevokeToken(argument: _treeline_v1_RevokeTokenRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeTokenResponse__Output>): grpc.ClientUnaryCall;
  RevokeToken(argument: _treeline_v1_RevokeTokenRequest, callback: grpc.requestCallback<_treeline_v1_RevokeTokenResponse__Output>): grpc.ClientUnaryCall;
  revokeToken(argument: _treeline_v1_RevokeTokenRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeTokenResponse__Output>): grpc.ClientUnaryCall;
  revokeToken(argument: _treeline_v1_RevokeTokenRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RevokeTokenResponse__Output>): grpc.ClientUnaryCall;
  revokeToken(argument: _treeline_v1_RevokeTokenRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeTokenResponse__Output>): grpc.ClientUnaryCall;
  revokeToken(argument: _treeline_v1_RevokeTokenRequest, callback: grpc.requestCallback<_treeline_v1_RevokeTokenResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface EnrollmentServiceHandlers extends grpc.UntypedServiceImplementation {
  CreateToken: grpc.handleUnaryCall<_treeline_v1_CreateTokenRequest__Output, _treeline_v1_CreateTokenResponse>;
  
  Enroll: grpc.handleUnaryCall<_treeline_v1_EnrollRequest__Output, _treeline_v1_EnrollResponse>;
  
  ListTokens: grpc.handleUnaryCall<_treeline_v1_ListTokensRequest__Output, _treeline_v1_ListTokensResponse>;
  
  RevokeToken: grpc.handleUnaryCall<_treeline_v1_RevokeTokenRequest__Output, _treeline_v1_RevokeTokenResponse>;
  
}

export interface EnrollmentServiceDefinition extends grpc.ServiceDefinition {
  CreateToken: MethodDefinition<_treeline_v1_CreateTokenRequest, _treeline_v1_CreateTokenResponse, _treeline_v1_CreateTokenRequest__Output, _treeline_v1_CreateTokenResponse__Output>
  Enroll: MethodDefinition<_treeline_v1_EnrollRequest, _treeline_v1_EnrollResponse, _treeline_v1_EnrollRequest__Output, _treeline_v1_EnrollResponse__Output>
  ListTokens: MethodDefinition<_treeline_v1_ListTokensRequest, _treeline_v1_ListTokensResponse, _treeline_v1_ListTokensRequest__Output, _treeline_v1_ListTokensResponse__Output>
  RevokeToken: MethodDefinition<_treeline_v1_RevokeTokenRequest, _treeline_v1_RevokeTokenResponse, _treeline_v1_RevokeTokenRequest__Output, _treeline_v1_RevokeTokenResponse__Output>
}
