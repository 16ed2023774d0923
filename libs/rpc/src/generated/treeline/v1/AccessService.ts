// Original file: treeline/v1/access_service.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CreateApiTokenRequest as _treeline_v1_CreateApiTokenRequest, CreateApiTokenRequest__Output as _treeline_v1_CreateApiTokenRequest__Output } from '../../treeline/v1/CreateApiTokenRequest.ts';
import type { CreateApiTokenResponse as _treeline_v1_CreateApiTokenResponse, CreateApiTokenResponse__Output as _treeline_v1_CreateApiTokenResponse__Output } from '../../treeline/v1/CreateApiTokenResponse.ts';
import type { ListApiTokensRequest as _treeline_v1_ListApiTokensRequest, ListApiTokensRequest__Output as _treeline_v1_ListApiTokensRequest__Output } from '../../treeline/v1/ListApiTokensRequest.ts';
import type { ListApiTokensResponse as _treeline_v1_ListApiTokensResponse, ListApiTokensResponse__Output as _treeline_v1_ListApiTokensResponse__Output } from '../../treeline/v1/ListApiTokensResponse.ts';
import type { ListBindingsRequest as _treeline_v1_ListBindingsRequest, ListBindingsRequest__Output as _treeline_v1_ListBindingsRequest__Output } from '../../treeline/v1/ListBindingsRequest.ts';
import type { ListBindingsResponse as _treeline_v1_ListBindingsResponse, ListBindingsResponse__Output as _treeline_v1_ListBindingsResponse__Output } from '../../treeline/v1/ListBindingsResponse.ts';
import type { ListRolesRequest as _treeline_v1_ListRolesRequest, ListRolesRequest__Output as _treeline_v1_ListRolesRequest__Output } from '../../treeline/v1/ListRolesRequest.ts';
import type { ListRolesResponse as _treeline_v1_ListRolesResponse, ListRolesResponse__Output as _treeline_v1_ListRolesResponse__Output } from '../../treeline/v1/ListRolesResponse.ts';
import type { PutBindingRequest as _treeline_v1_PutBindingRequest, PutBindingRequest__Output as _treeline_v1_PutBindingRequest__Output } from '../../treeline/v1/PutBindingRequest.ts';
import type { PutBindingResponse as _treeline_v1_PutBindingResponse, PutBindingResponse__Output as _treeline_v1_PutBindingResponse__Output } from '../../treeline/v1/PutBindingResponse.ts';
import type { PutRoleRequest as _treeline_v1_PutRoleRequest, PutRoleRequest__Output as _treeline_v1_PutRoleRequest__Output } from '../../treeline/v1/PutRoleRequest.ts';
import type { PutRoleResponse as _treeline_v1_PutRoleResponse, PutRoleResponse__Output as _treeline_v1_PutRoleResponse__Output } from '../../treeline/v1/PutRoleResponse.ts';
import type { RemoveBindingRequest as _treeline_v1_RemoveBindingRequest, RemoveBindingRequest__Output as _treeline_v1_RemoveBindingRequest__Output } from '../../treeline/v1/RemoveBindingRequest.ts';
import type { RemoveBindingResponse as _treeline_v1_RemoveBindingResponse, RemoveBindingResponse__Output as _treeline_v1_RemoveBindingResponse__Output } from '../../treeline/v1/RemoveBindingResponse.ts';
import type { RemoveRoleRequest as _treeline_v1_RemoveRoleRequest, RemoveRoleRequest__Output as _treeline_v1_RemoveRoleRequest__Output } from '../../treeline/v1/RemoveRoleRequest.ts';
import type { RemoveRoleResponse as _treeline_v1_RemoveRoleResponse, RemoveRoleResponse__Output as _treeline_v1_RemoveRoleResponse__Output } from '../../treeline/v1/RemoveRoleResponse.ts';
import type { RevokeApiTokenRequest as _treeline_v1_RevokeApiTokenRequest, RevokeApiTokenRequest__Output as _treeline_v1_RevokeApiTokenRequest__Output } from '../../treeline/v1/RevokeApiTokenRequest.ts';
import type { RevokeApiTokenResponse as _treeline_v1_RevokeApiTokenResponse, RevokeApiTokenResponse__Output as _treeline_v1_RevokeApiTokenResponse__Output } from '../../treeline/v1/RevokeApiTokenResponse.ts';
import type { WhoAmIRequest as _treeline_v1_WhoAmIRequest, WhoAmIRequest__Output as _treeline_v1_WhoAmIRequest__Output } from '../../treeline/v1/WhoAmIRequest.ts';
import type { WhoAmIResponse as _treeline_v1_WhoAmIResponse, WhoAmIResponse__Output as _treeline_v1_WhoAmIResponse__Output } from '../../treeline/v1/WhoAmIResponse.ts';

export interface AccessServiceClient extends grpc.Client {
  CreateApiToken(argument: _treeline_v1_CreateApiTokenRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateApiTokenResponse__Output>): grpc.ClientUnaryCall;
  CreateApiToken(argument: _treeline_v1_CreateApiTokenRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_CreateApiTokenResponse__Output>): grpc.ClientUnaryCall;
  CreateApiToken(argument: _treeline_v1_CreateApiTokenRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateApiTokenResponse__Output>): grpc.ClientUnaryCall;
  CreateApiToken(argument: _treeline_v1_CreateApiTokenRequest, callback: grpc.requestCallback<_treeline_v1_CreateApiTokenResponse__Output>): grpc.ClientUnaryCall;
  createApiToken(argument: _treeline_v1_CreateApiTokenRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateApiTokenResponse__Output>): grpc.ClientUnaryCall;
  createApiToken(argument: _treeline_v1_CreateApiTokenRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_CreateApiTokenResponse__Output>): grpc.ClientUnaryCall;
  createApiToken(argument: _treeline_v1_CreateApiTokenRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateApiTokenResponse__Output>): grpc.ClientUnaryCall;
  createApiToken(argument: _treeline_v1_CreateApiTokenRequest, callback: grpc.requestCallback<_treeline_v1_CreateApiTokenResponse__Output>): grpc.ClientUnaryCall;
  
  ListApiTokens(argument: _treeline_v1_ListApiTokensRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListApiTokensResponse__Output>): grpc.ClientUnaryCall;
  ListApiTokens(argument: _treeline_v1_ListApiTokensRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListApiTokensResponse__Output>): grpc.ClientUnaryCall;
  ListApiTokens(argument: _treeline_v1_ListApiTokensRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListApiTokensResponse__Output>): grpc.ClientUnaryCall;
  ListApiTokens(argument: _treeline_v1_ListApiTokensRequest, callback: grpc.requestCallback<_treeline_v1_ListApiTokensResponse__Output>): grpc.ClientUnaryCall;
  listApiTokens(argument: _treeline_v1_ListApiTokensRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListApiTokensResponse__Output>): grpc.ClientUnaryCall;
  listApiTokens(argument: _treeline_v1_ListApiTokensRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListApiTokensResponse__Output>): grpc.ClientUnaryCall;
  listApiTokens(argument: _treeline_v1_ListApiTokensRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListApiTokensResponse__Output>): grpc.ClientUnaryCall;
  listApiTokens(argument: _treeline_v1_ListApiTokensRequest, callback: grpc.requestCallback<_treeline_v1_ListApiTokensResponse__Output>): grpc.ClientUnaryCall;
  
  ListBindings(argument: _treeline_v1_ListBindingsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListBindingsResponse__Output>): grpc.ClientUnaryCall;
  ListBindings(argument: _treeline_v1_ListBindingsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListBindingsResponse__Output>): grpc.ClientUnaryCall;
  ListBindings(argument: _treeline_v1_ListBindingsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListBindingsResponse__Output>): grpc.ClientUnaryCall;
  ListBindings(argument: _treeline_v1_ListBindingsRequest, callback: grpc.requestCallback<_treeline_v1_ListBindingsResponse__Output>): grpc.ClientUnaryCall;
  listBindings(argument: _treeline_v1_ListBindingsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListBindingsResponse__Output>): grpc.ClientUnaryCall;
  listBindings(argument: _treeline_v1_ListBindingsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListBindingsResponse__Output>): grpc.ClientUnaryCall;
  listBindings(argument: _treeline_v1_ListBindingsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListBindingsResponse__Output>): grpc.ClientUnaryCall;
  listBindings(argument: _treeline_v1_ListBindingsRequest, callback: grpc.requestCallback<_treeline_v1_ListBindingsResponse__Output>): grpc.ClientUnaryCall;
  
  ListRoles(argument: _treeline_v1_ListRolesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolesResponse__Output>): grpc.ClientUnaryCall;
  ListRoles(argument: _treeline_v1_ListRolesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListRolesResponse__Output>): grpc.ClientUnaryCall;
  ListRoles(argument: _treeline_v1_ListRolesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolesResponse__Output>): grpc.ClientUnaryCall;
  ListRoles(argument: _treeline_v1_ListRolesRequest, callback: grpc.requestCallback<_treeline_v1_ListRolesResponse__Output>): grpc.ClientUnaryCall;
  listRoles(argument: _treeline_v1_ListRolesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolesResponse__Output>): grpc.ClientUnaryCall;
  listRoles(argument: _treeline_v1_ListRolesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListRolesResponse__Output>): grpc.ClientUnaryCall;
  listRoles(argument: _treeline_v1_ListRolesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolesResponse__Output>): grpc.ClientUnaryCall;
  listRoles(argument: _treeline_v1_ListRolesRequest, callback: grpc.requestCallback<_treeline_v1_ListRolesResponse__Output>): grpc.ClientUnaryCall;
  
  PutBinding(argument: _treeline_v1_PutBindingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutBindingResponse__Output>): grpc.ClientUnaryCall;
  PutBinding(argument: _treeline_v1_PutBindingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PutBindingResponse__Output>): grpc.ClientUnaryCall;
  PutBinding(argument: _treeline_v1_PutBindingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutBindingResponse__Output>): grpc.ClientUnaryCall;
  PutBinding(argument: _treeline_v1_PutBindingRequest, callback: grpc.requestCallback<_treeline_v1_PutBindingResponse__Output>): grpc.ClientUnaryCall;
  putBinding(argument: _treeline_v1_PutBindingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutBindingResponse__Output>): grpc.ClientUnaryCall;
  putBinding(argument: _treeline_v1_PutBindingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PutBindingResponse__Output>): grpc.ClientUnaryCall;
  putBinding(argument: _treeline_v1_PutBindingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutBindingResponse__Output>): grpc.ClientUnaryCall;
  putBinding(argument: _treeline_v1_PutBindingRequest, callback: grpc.requestCallback<_treeline_v1_PutBindingResponse__Output>): grpc.ClientUnaryCall;
  
  PutRole(argument: _treeline_v1_PutRoleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutRoleResponse__Output>): grpc.ClientUnaryCall;
  PutRole(argument: _treeline_v1_PutRoleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PutRoleResponse__Output>): grpc.ClientUnaryCall;
  PutRole(argument: _treeline_v1_PutRoleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutRoleResponse__Output>): grpc.ClientUnaryCall;
  PutRole(argument: _treeline_v1_PutRoleRequest, callback: grpc.requestCallback<_treeline_v1_PutRoleResponse__Output>): grpc.ClientUnaryCall;
  putRole(argument: _treeline_v1_PutRoleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutRoleResponse__Output>): grpc.ClientUnaryCall;
  putRole(argument: _treeline_v1_PutRoleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PutRoleResponse__Output>): grpc.ClientUnaryCall;
  putRole(argument: _treeline_v1_PutRoleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PutRoleResponse__Output>): grpc.ClientUnaryCall;
  putRole(argument: _treeline_v1_PutRoleRequest, callback: grpc.requestCallback<_treeline_v1_PutRoleResponse__Output>): grpc.ClientUnaryCall;
  
  RemoveBinding(argument: _treeline_v1_RemoveBindingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveBindingResponse__Output>): grpc.ClientUnaryCall;
  RemoveBinding(argument: _treeline_v1_RemoveBindingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RemoveBindingResponse__Output>): grpc.ClientUnaryCall;
  RemoveBinding(argument: _treeline_v1_RemoveBindingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveBindingResponse__Output>): grpc.ClientUnaryCall;
  RemoveBinding(argument: _treeline_v1_RemoveBindingRequest, callback: grpc.requestCallback<_treeline_v1_RemoveBindingResponse__Output>): grpc.ClientUnaryCall;
  removeBinding(argument: _treeline_v1_RemoveBindingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveBindingResponse__Output>): grpc.ClientUnaryCall;
  removeBinding(argument: _treeline_v1_RemoveBindingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RemoveBindingResponse__Output>): grpc.ClientUnaryCall;
  removeBinding(argument: _treeline_v1_RemoveBindingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveBindingResponse__Output>): grpc.ClientUnaryCall;
  removeBinding(argument: _treeline_v1_RemoveBindingRequest, callback: grpc.requestCallback<_treeline_v1_RemoveBindingResponse__Output>): grpc.ClientUnaryCall;
  
  RemoveRole(argument: _treeline_v1_RemoveRoleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveRoleResponse__Output>): grpc.ClientUnaryCall;
  RemoveRole(argument: _treeline_v1_RemoveRoleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RemoveRoleResponse__Output>): grpc.ClientUnaryCall;
  RemoveRole(argument: _treeline_v1_RemoveRoleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveRoleResponse__Output>): grpc.ClientUnaryCall;
  RemoveRole(argument: _treeline_v1_RemoveRoleRequest, callback: grpc.requestCallback<_treeline_v1_RemoveRoleResponse__Output>): grpc.ClientUnaryCall;
  removeRole(argument: _treeline_v1_RemoveRoleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveRoleResponse__Output>): grpc.ClientUnaryCall;
  removeRole(argument: _treeline_v1_RemoveRoleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RemoveRoleResponse__Output>): grpc.ClientUnaryCall;
  removeRole(argument: _treeline_v1_RemoveRoleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RemoveRoleResponse__Output>): grpc.ClientUnaryCall;
  removeRole(argument: _treeline_v1_RemoveRoleRequest, callback: grpc.requestCallback<_treeline_v1_RemoveRoleResponse__Output>): grpc.ClientUnaryCall;
  
  RevokeApiToken(argument: _treeline_v1_RevokeApiTokenRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeApiTokenResponse__Output>): grpc.ClientUnaryCall;
  RevokeApiToken(argument: _treeline_v1_RevokeApiTokenRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RevokeApiTokenResponse__Output>): grpc.ClientUnaryCall;
  RevokeApiToken(argument: _treeline_v1_RevokeApiTokenRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeApiTokenResponse__Output>): grpc.ClientUnaryCall;
  RevokeApiToken(argument: _treeline_v1_RevokeApiTokenRequest, callback: grpc.requestCallback<_treeline_v1_RevokeApiTokenResponse__Output>): grpc.ClientUnaryCall;
  revokeApiToken(argument: _treeline_v1_RevokeApiTokenRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeApiTokenResponse__Output>): grpc.ClientUnaryCall;
  revokeApiToken(argument: _treeline_v1_RevokeApiTokenRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RevokeApiTokenResponse__Output>): grpc.ClientUnaryCall;
  revokeApiToken(argument: _treeline_v1_RevokeApiTokenRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeApiTokenResponse__Output>): grpc.ClientUnaryCall;
  revokeApiToken(argument: _treeline_v1_RevokeApiTokenRequest, callback: grpc.requestCallback<_treeline_v1_RevokeApiTokenResponse__Output>): grpc.ClientUnaryCall;
  
  WhoAmI(argument: _treeline_v1_WhoAmIRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_WhoAmIResponse__Output>): grpc.ClientUnaryCall;
  WhoAmI(argument: _treeline_v1_WhoAmIRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_WhoAmIResponse__Output>): grpc.ClientUnaryCall;
  WhoAmI(argument: _treeline_v1_WhoAmIRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_WhoAmIResponse__Output>): grpc.ClientUnaryCall;
  WhoAmI(argument: _treeline_v1_WhoAmIRequest, callback: grpc.requestCallback<_treeline_v1_WhoAmIResponse__Output>): grpc.ClientUnaryCall;
  whoAmI(argument: _treeline_v1_WhoAmIRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_WhoAmIResponse__Output>): grpc.ClientUnaryCall;
  whoAmI(argument: _treeline_v1_WhoAmIRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_WhoAmIResponse__Output>): grpc.ClientUnaryCall;
  whoAmI(argument: _treeline_v1_WhoAmIRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_WhoAmIResponse__Output>): grpc.ClientUnaryCall;
  whoAmI(argument: _treeline_v1_WhoAmIRequest, callback: grpc.requestCallback<_treeline_v1_WhoAmIResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface AccessServiceHandlers extends grpc.UntypedServiceImplementation {
  CreateApiToken: grpc.handleUnaryCall<_treeline_v1_CreateApiTokenRequest__Output, _treeline_v1_CreateApiTokenResponse>;
  
  ListApiTokens: grpc.handleUnaryCall<_treeline_v1_ListApiTokensRequest__Output, _treeline_v1_ListApiTokensResponse>;
  
  ListBindings: grpc.handleUnaryCall<_treeline_v1_ListBindingsRequest__Output, _treeline_v1_ListBindingsResponse>;
  
  ListRoles: grpc.handleUnaryCall<_treeline_v1_ListRolesRequest__Output, _treeline_v1_ListRolesResponse>;
  
  PutBinding: grpc.handleUnaryCall<_treeline_v1_PutBindingRequest__Output, _treeline_v1_PutBindingResponse>;
  
  PutRole: grpc.handleUnaryCall<_treeline_v1_PutRoleRequest__Output, _treeline_v1_PutRoleResponse>;
  
  RemoveBinding: grpc.handleUnaryCall<_treeline_v1_RemoveBindingRequest__Output, _treeline_v1_RemoveBindingResponse>;
  
  RemoveRole: grpc.handleUnaryCall<_treeline_v1_RemoveRoleRequest__Output, _treeline_v1_RemoveRoleResponse>;
  
  RevokeApiToken: grpc.handleUnaryCall<_treeline_v1_RevokeApiTokenRequest__Output, _treeline_v1_RevokeApiTokenResponse>;
  
  WhoAmI: grpc.handleUnaryCall<_treeline_v1_WhoAmIRequest__Output, _treeline_v1_WhoAmIResponse>;
  
}

export interface AccessServiceDefinition extends grpc.ServiceDefinition {
  CreateApiToken: MethodDefinition<_treeline_v1_CreateApiTokenRequest, _treeline_v1_CreateApiTokenResponse, _treeline_v1_CreateApiTokenRequest__Output, _treeline_v1_CreateApiTokenResponse__Output>
  ListApiTokens: MethodDefinition<_treeline_v1_ListApiTokensRequest, _treeline_v1_ListApiTokensResponse, _treeline_v1_ListApiTokensRequest__Output, _treeline_v1_ListApiTokensResponse__Output>
  ListBindings: MethodDefinition<_treeline_v1_ListBindingsRequest, _treeline_v1_ListBindingsResponse, _treeline_v1_ListBindingsRequest__Output, _treeline_v1_ListBindingsResponse__Output>
  ListRoles: MethodDefinition<_treeline_v1_ListRolesRequest, _treeline_v1_ListRolesResponse, _treeline_v1_ListRolesRequest__Output, _treeline_v1_ListRolesResponse__Output>
  PutBinding: MethodDefinition<_treeline_v1_PutBindingRequest, _treeline_v1_PutBindingResponse, _treeline_v1_PutBindingRequest__Output, _treeline_v1_PutBindingResponse__Output>
  PutRole: MethodDefinition<_treeline_v1_PutRoleRequest, _treeline_v1_PutRoleResponse, _treeline_v1_PutRoleRequest__Output, _treeline_v1_PutRoleResponse__Output>
  RemoveBinding: MethodDefinition<_treeline_v1_RemoveBindingRequest, _treeline_v1_RemoveBindingResponse, _treeline_v1_RemoveBindingRequest__Output, _treeline_v1_RemoveBindingResponse__Output>
  RemoveRole: MethodDefinition<_treeline_v1_RemoveRoleRequest, _treeline_v1_RemoveRoleResponse, _treeline_v1_RemoveRoleRequest__Output, _treeline_v1_RemoveRoleResponse__Output>
  RevokeApiToken: MethodDefinition<_treeline_v1_RevokeApiTokenRequest, _treeline_v1_RevokeApiTokenResponse, _treeline_v1_RevokeApiTokenRequest__Output, _treeline_v1_RevokeApiTokenResponse__Output>
  WhoAmI: MethodDefinition<_treeline_v1_WhoAmIRequest, _treeline_v1_WhoAmIResponse, _treeline_v1_WhoAmIRequest__Output, _treeline_v1_WhoAmIResponse__Output>
}
