// Original file: treeline/v1/node.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetNodeRequest as _treeline_v1_GetNodeRequest, GetNodeRequest__Output as _treeline_v1_GetNodeRequest__Output } from '../../treeline/v1/GetNodeRequest.ts';
import type { GetNodeResponse as _treeline_v1_GetNodeResponse, GetNodeResponse__Output as _treeline_v1_GetNodeResponse__Output } from '../../treeline/v1/GetNodeResponse.ts';
import type { LabelNodeRequest as _treeline_v1_LabelNodeRequest, LabelNodeRequest__Output as _treeline_v1_LabelNodeRequest__Output } from '../../treeline/v1/LabelNodeRequest.ts';
import type { LabelNodeResponse as _treeline_v1_LabelNodeResponse, LabelNodeResponse__Output as _treeline_v1_LabelNodeResponse__Output } from '../../treeline/v1/LabelNodeResponse.ts';
import type { ListNodesRequest as _treeline_v1_ListNodesRequest, ListNodesRequest__Output as _treeline_v1_ListNodesRequest__Output } from '../../treeline/v1/ListNodesRequest.ts';
import type { ListNodesResponse as _treeline_v1_ListNodesResponse, ListNodesResponse__Output as _treeline_v1_ListNodesResponse__Output } from '../../treeline/v1/ListNodesResponse.ts';
import type { RevokeNodeRequest as _treeline_v1_RevokeNodeRequest, RevokeNodeRequest__Output as _treeline_v1_RevokeNodeRequest__Output } from '../../treeline/v1/RevokeNodeRequest.ts';
import type { RevokeNodeResponse as _treeline_v1_RevokeNodeResponse, RevokeNodeResponse__Output as _treeline_v1_RevokeNodeResponse__Output } from '../../treeline/v1/RevokeNodeResponse.ts';

export interface NodeServiceClient extends grpc.Client {
  GetNode(argument: _treeline_v1_GetNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  GetNode(argument: _treeline_v1_GetNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  GetNode(argument: _treeline_v1_GetNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  GetNode(argument: _treeline_v1_GetNodeRequest, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  getNode(argument: _treeline_v1_GetNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  getNode(argument: _treeline_v1_GetNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  getNode(argument: _treeline_v1_GetNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  getNode(argument: _treeline_v1_GetNodeRequest, callback: grpc.requestCallback<_treeline_v1_GetNodeResponse__Output>): grpc.ClientUnaryCall;
  
  LabelNode(argument: _treeline_v1_LabelNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  LabelNode(argument: _treeline_v1_LabelNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  LabelNode(argument: _treeline_v1_LabelNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  LabelNode(argument: _treeline_v1_LabelNodeRequest, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  labelNode(argument: _treeline_v1_LabelNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  labelNode(argument: _treeline_v1_LabelNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  labelNode(argument: _treeline_v1_LabelNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  labelNode(argument: _treeline_v1_LabelNodeRequest, callback: grpc.requestCallback<_treeline_v1_LabelNodeResponse__Output>): grpc.ClientUnaryCall;
  
  ListNodes(argument: _treeline_v1_ListNodesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _treeline_v1_ListNodesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _treeline_v1_ListNodesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _treeline_v1_ListNodesRequest, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _treeline_v1_ListNodesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _treeline_v1_ListNodesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _treeline_v1_ListNodesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _treeline_v1_ListNodesRequest, callback: grpc.requestCallback<_treeline_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  
  RevokeNode(argument: _treeline_v1_RevokeNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  RevokeNode(argument: _treeline_v1_RevokeNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  RevokeNode(argument: _treeline_v1_RevokeNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  RevokeNode(argument: _treeline_v1_RevokeNodeRequest, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _treeline_v1_RevokeNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _treeline_v1_RevokeNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _treeline_v1_RevokeNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _treeline_v1_RevokeNodeRequest, callback: grpc.requestCallback<_treeline_v1_RevokeNodeResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface NodeServiceHandlers extends grpc.UntypedServiceImplementation {
  GetNode: grpc.handleUnaryCall<_treeline_v1_GetNodeRequest__Output, _treeline_v1_GetNodeResponse>;
  
  LabelNode: grpc.handleUnaryCall<_treeline_v1_LabelNodeRequest__Output, _treeline_v1_LabelNodeResponse>;
  
  ListNodes: grpc.handleUnaryCall<_treeline_v1_ListNodesRequest__Output, _treeline_v1_ListNodesResponse>;
  
  RevokeNode: grpc.handleUnaryCall<_treeline_v1_RevokeNodeRequest__Output, _treeline_v1_RevokeNodeResponse>;
  
}

export interface NodeServiceDefinition extends grpc.ServiceDefinition {
  GetNode: MethodDefinition<_treeline_v1_GetNodeRequest, _treeline_v1_GetNodeResponse, _treeline_v1_GetNodeRequest__Output, _treeline_v1_GetNodeResponse__Output>
  LabelNode: MethodDefinition<_treeline_v1_LabelNodeRequest, _treeline_v1_LabelNodeResponse, _treeline_v1_LabelNodeRequest__Output, _treeline_v1_LabelNodeResponse__Output>
  ListNodes: MethodDefinition<_treeline_v1_ListNodesRequest, _treeline_v1_ListNodesResponse, _treeline_v1_ListNodesRequest__Output, _treeline_v1_ListNodesResponse__Output>
  RevokeNode: MethodDefinition<_treeline_v1_RevokeNodeRequest, _treeline_v1_RevokeNodeResponse, _treeline_v1_RevokeNodeRequest__Output, _treeline_v1_RevokeNodeResponse__Output>
}
